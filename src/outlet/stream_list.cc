#include "outlet/stream_list.h"

#include <utility>

#include "outlet/json_response.h"

namespace livestream {
namespace {

using Json = nlohmann::ordered_json;

Json row(const StreamEntry& entry, std::size_t viewers) {
  const SourceStatus status = entry.stream->source_status();
  Json size = {{"width", nullptr}, {"height", nullptr}};
  if (const auto generation = entry.stream->generation()) {
    for (const Track& track : generation->description.tracks) {
      if (track.kind == TrackKind::kVideo)
        size = {{"width", track.width}, {"height", track.height}};
    }
  }
  return {{"name", entry.settings.name},
          {"title", entry.settings.title},
          {"state", to_string(status.state)},
          {"error", or_null(status.last_error)},
          {"on_demand", entry.settings.on_demand},
          {"viewers", viewers},
          {"width", size["width"]},
          {"height", size["height"]}};
}

}  // namespace

http::Answer list_streams(const StreamTable& table, const ViewerRegistry& viewers) {
  auto watching = viewers.present_by_stream();
  Json streams = Json::array();
  for (const StreamTable::Entry& entry : table.listed())
    streams.push_back(row(*entry, watching[entry->stream->id()]));
  return json_response({{"streams", std::move(streams)}});
}

}  // namespace livestream
