#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ip_network.h"
#include "http/response.h"
#include "outlet/kept_text.h"
#include "stream/stream_registry.h"
#include "stream/viewer_registry.h"

namespace livestream {

// The counters of one worker. Any thread may ask for them.
struct WorkerStats {
  // Open now, viewers included.
  std::uint64_t connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;
  // Shortest time between two rounds of delivery now; 0: every video frame at once.
  double pace_ms = 0;
  // Whether delivery uses it.
  bool io_uring = false;
};

// GET /NAME/stats: one JSON object; docs/http-api.md explains every key. The list of viewers, of
// all streams, is for clients of certain addresses only, everybody else gets null in its place. One
// for all workers. Any thread.
class StatsOutlet {
 public:
  using Workers = std::function<std::vector<WorkerStats>()>;

  static constexpr auto kKept = KeptTexts<int>::kKept;

  // Everything referred to outlives the outlet.
  struct Context {
    const ViewerRegistry& viewers;
    const Clock& clock;
    Workers workers;
    // The clients that are told who watches.
    std::vector<IpNetwork> viewers_for;
  };
  explicit StatsOutlet(Context context);

  // About the stream of `entry`.
  [[nodiscard]] http::Answer get(const http::Request& request, const StreamEntry& entry);

 private:
  [[nodiscard]] bool may_list_viewers(const http::Request& request) const;
  [[nodiscard]] std::string text(const StreamEntry& entry, bool with_viewers) const;

  const Context context_;
  const SteadyTime started_;
  // By stream, and whether its viewers are listed.
  KeptTexts<std::pair<std::uint64_t, bool>> texts_;
};

}  // namespace livestream
