#include "outlet/stream_list.h"

#include <map>
#include <string>

#include <nlohmann/json.hpp>

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
          {"error", status.last_error.empty() ? Json() : Json(status.last_error)},
          {"on_demand", entry.settings.on_demand},
          {"viewers", viewers},
          {"width", size["width"]},
          {"height", size["height"]}};
}

}  // namespace

http::Answer list_streams(const StreamTable& table, const ViewerRegistry& viewers) {
  std::map<const Stream*, std::size_t> watching;
  for (const auto& viewer : viewers.viewers()) ++watching[viewer->stream.get()];
  Json streams = Json::array();
  for (const StreamTable::Entry& entry : table.listed())
    streams.push_back(row(*entry, watching[entry->stream.get()]));
  const Json json = {{"streams", std::move(streams)}};
  http::Response response;
  response.head.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body = SharedBytes(
      std::string_view(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"));
  return response;
}

}  // namespace livestream
