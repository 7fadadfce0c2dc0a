#include "outlet/event_outlet.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "outlet/json_response.h"

namespace livestream {
namespace {

// A listener hears something at least this often, so that both ends notice a broken connection.
constexpr std::chrono::seconds kPulse{15};

using Names = std::set<std::string, std::less<>>;

// Empty: all.
Names chosen(const http::Request& request) {
  Names names;
  const std::string list = request.parameter("streams").value_or("");
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    if (end > 0) names.emplace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

bool hears(const Names& names, const std::string& stream) {
  return names.empty() || stream.empty() || names.contains(stream);
}

class Events final : public http::BodySource {
 public:
  Events(const EventLog& log, const Clock& clock, Names names, std::uint64_t heard,
         std::string first)
      : log_(log),
        clock_(clock),
        names_(std::move(names)),
        heard_(heard),
        next_(std::move(first)) {}

  [[nodiscard]] http::Pull pull() override {
    if (log_.newest() > heard_) {
      for (const EventLog::Event& event : log_.after(heard_)) {
        if (hears(names_, event.stream)) next_ += event.text;
        heard_ = event.id;
      }
    }
    const SteadyTime now = clock_.now();
    if (next_.empty() && now - sent_at_ < kPulse) return {};
    if (next_.empty()) next_ = ": \n\n";
    sent_at_ = now;
    std::vector<SharedBytes> blocks = {SharedBytes(std::string_view(std::exchange(next_, {})))};
    return {.state = http::Pull::State::kBytes,
            .blocks = std::make_shared<const SharedBlocks>(std::move(blocks))};
  }

 private:
  const EventLog& log_;
  const Clock& clock_;
  const Names names_;
  std::uint64_t heard_;
  std::string next_;
  SteadyTime sent_at_{};
};

}  // namespace

std::string state_of(const std::string& name, const SourceStatus& status) {
  const nlohmann::ordered_json json = {{"stream", name},
                                       {"state", to_string(status.state)},
                                       {"error", or_null(status.last_error)},
                                       {"restarts", status.restarts}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

http::Answer listen(const http::Request& request, const StreamTable& table, const EventLog& events,
                    const Clock& clock) {
  http::ResponseHead head{.status = 200,
                          .headers = {{"Content-Type", "text/event-stream"},
                                      {"Cache-Control", "no-store, no-transform"},
                                      {"X-Accel-Buffering", "no"}}};
  if (request.method == "HEAD") return http::Response{.head = std::move(head), .body = {}};
  Names names = chosen(request);
  std::uint64_t heard = events.newest();
  std::string first;
  const std::string_view last = request.header("Last-Event-ID");
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), id);
  const bool goes_on = !last.empty() && error == std::errc() && end == last.data() + last.size() &&
                       id <= heard && heard - id <= EventLog::kKept;
  if (goes_on) {
    heard = id;
  } else {
    for (const StreamTable::Entry& entry : table.listed()) {
      const std::string& name = entry->settings.name;
      if (hears(names, name))
        first += fmt::format("event: state\ndata: {}\n\n",
                             state_of(name, entry->stream->source_status()));
    }
  }
  return http::StreamingResponse{
      .head = std::move(head),
      .channel = events.channel(),
      .body = std::make_unique<Events>(events, clock, std::move(names), heard, std::move(first))};
}

}  // namespace livestream
