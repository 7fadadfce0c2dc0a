#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ip_network.h"
#include "base/mutex.h"
#include "base/shared_bytes.h"
#include "http/response.h"
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
// for all workers, so that the answers to one client never go back in time. Any thread.
class StatsOutlet {
 public:
  using Workers = std::function<std::vector<WorkerStats>()>;

  // An answer is given again for this long, so that many requests cost no more than four a second.
  static constexpr std::chrono::milliseconds kKept{250};

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
  struct Text {
    SharedBytes bytes;
    SteadyTime made{};
  };

  // A stream, and whether its viewers are listed.
  using Key = std::pair<std::uint64_t, bool>;

  [[nodiscard]] SharedBytes kept_text(const StreamEntry& entry, bool with_viewers);
  [[nodiscard]] bool may_list_viewers(const http::Request& request) const;
  [[nodiscard]] std::string text(const StreamEntry& entry, bool with_viewers) const;

  const Context context_;
  const SteadyTime started_;
  Mutex mutex_;
  std::map<Key, Text> kept_ GUARDED_BY(mutex_);
};

}  // namespace livestream
