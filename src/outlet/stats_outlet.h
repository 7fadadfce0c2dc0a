#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/encoding_settings.h"
#include "http/response.h"
#include "stream/stream.h"
#include "stream/viewer_registry.h"

namespace livestream {

// What one worker says of itself. Any thread may ask.
struct WorkerStats {
  std::uint64_t connections = 0;  // open now, viewers included
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;
  double pace_ms =
      0;  // shortest time between two rounds of delivery now; 0: every video frame at once
  bool io_uring = false;  // in use for delivery
};

// GET /stats: one JSON object; see docs/http-api.md for every key. Any thread; what it refers to
// outlives it.
class StatsOutlet {
 public:
  using Workers = std::function<std::vector<WorkerStats>()>;

  StatsOutlet(const EncodingSettings& encoding, const Stream& stream, const ViewerRegistry& viewers,
              const Clock& clock, Workers workers);

  [[nodiscard]] http::Answer get(const http::Request& request) const;

 private:
  const EncodingSettings& encoding_;
  const Stream& stream_;
  const ViewerRegistry& viewers_;
  const Clock& clock_;
  const Workers workers_;
  const SteadyTime started_;
};

}  // namespace livestream
