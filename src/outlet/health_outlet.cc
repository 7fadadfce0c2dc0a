#include "outlet/health_outlet.h"

#include <fmt/format.h>

namespace livestream {
namespace {

constexpr std::chrono::seconds kFresh{5};

}  // namespace

http::Answer health() { return http::text_response(200, "ok"); }

http::Answer readiness(const Stream& stream, const Clock& clock) {
  const SourceStatus status = stream.source_status();
  const auto last = stream.last_media();
  const bool fresh = last && clock.now() - *last < kFresh;
  if (fresh && status.state == SourceState::kRunning) return http::text_response(200, "ok");
  std::string reason = fmt::format("the source is {}", to_string(status.state));
  if (!status.last_error.empty()) reason += ": " + status.last_error;
  return http::text_response(503, reason, {{"Retry-After", "2"}});
}

}  // namespace livestream
