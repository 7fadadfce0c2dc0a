#include "outlet/health_outlet.h"

#include <string>

#include <fmt/format.h>

namespace livestream {
namespace {

constexpr std::chrono::seconds kFresh{5};

// Why the stream is not ready; empty when it is.
std::string reason_against(const Stream& stream, const Clock& clock) {
  const SourceStatus status = stream.source_status();
  const auto last = stream.last_media();
  const bool fresh = last && clock.now() - *last < kFresh;
  if (fresh && status.state == SourceState::kRunning) return {};
  std::string reason = fmt::format("the source is {}", to_string(status.state));
  if (!status.last_error.empty()) reason += ": " + status.last_error;
  return reason;
}

http::Answer answer_for(const std::string& reason) {
  if (reason.empty()) return http::text_response(200, "ok");
  return http::text_response(503, reason, {{"Retry-After", "2"}});
}

}  // namespace

http::Answer health() { return http::text_response(200, "ok"); }

http::Answer readiness(const Stream& stream, const Clock& clock) {
  return answer_for(reason_against(stream, clock));
}

http::Answer readiness(const StreamTable& table, const Clock& clock) {
  std::string reasons;
  const auto streams = table.listed();
  for (const StreamTable::Entry& entry : streams) {
    const std::string reason = reason_against(*entry->stream, clock);
    if (reason.empty() || entry->settings.on_demand) return answer_for({});
    if (!reasons.empty()) reasons += "; ";
    reasons += streams.size() == 1 ? reason : entry->settings.name + ": " + reason;
  }
  return answer_for(streams.empty() ? "no stream is configured" : reasons);
}

}  // namespace livestream
