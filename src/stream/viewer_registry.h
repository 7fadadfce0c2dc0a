#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "media/track.h"
#include "stream/player_report.h"
#include "stream/stream.h"

namespace livestream {

// One client that is being served one stream, as /stats shows it. The viewer's worker is the only
// writer of the counters; any thread reads them.
struct Viewer {
  // The counters come first, so that each write to the client touches one cache line of this.
  std::atomic<std::uint64_t> bytes_sent{0};
  std::atomic<std::uint64_t> fragments_sent{0};
  std::atomic<std::uint64_t> fragments_skipped{0};
  // The position of the viewer's cursor.
  std::atomic<std::uint64_t> next_sequence{0};
  // Its response is to end.
  std::atomic<bool> dismissed{false};

  // Random, below 2^53 (exact in JavaScript) and never 0. Only the client and those who may read
  // the list of viewers know it.
  std::uint64_t id = 0;
  std::shared_ptr<const Stream> stream;
  std::string remote_address;
  // The beginning of the User-Agent header.
  std::string user_agent;
  TrackSelection selection;
  SteadyTime connected_at{};

  // Adds without a read-modify-write instruction, which a single writer does not need.
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t amount) {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
};

// How many viewers a server takes at a time, of all streams together.
struct Places {
  std::uint32_t viewers = 100;
  // The last quarter of the places is kept for addresses that hold fewer than this many; 0: places
  // go to viewers in the order in which they come.
  std::uint32_t fair_per_address = 8;
};

// The viewers of all streams of a server. Any thread.
class ViewerRegistry {
 public:
  using NewId = std::function<std::uint64_t()>;
  // Unpredictable, 1 to 2^53 - 1.
  [[nodiscard]] static std::uint64_t random_id();

  // `new_id` is called with a lock held, again while it gives 0 or the id of a present viewer.
  explicit ViewerRegistry(Places places, NewId new_id = random_id)
      : places_(places), new_id_(std::move(new_id)) {}

  // Takes a place. The viewer leaves when the last pointer to it goes, which must be before the
  // registry goes. Fails when all places are taken, or when those that are left are kept for
  // addresses that hold few; the message begins with "server full" and names the setting.
  // `remote_address` is as in http::Request; all addresses of an IPv6 /64 count as one. `waited` is
  // the time from the client's request to now.
  [[nodiscard]] Result<std::shared_ptr<Viewer>> join(std::shared_ptr<const Stream> stream,
                                                     std::string remote_address,
                                                     std::string user_agent,
                                                     TrackSelection selection, SteadyTime now,
                                                     std::chrono::nanoseconds waited = {});

  [[nodiscard]] std::uint32_t max_viewers() const { return places_.viewers; }
  // How many there are now.
  [[nodiscard]] std::size_t present() const;
  // The same by Stream::id(), for the streams that have any.
  [[nodiscard]] std::unordered_map<std::uint64_t, std::size_t> present_by_stream() const;
  [[nodiscard]] std::vector<std::shared_ptr<const Viewer>> viewers() const;

  // Ends the response of viewer `id` at the stream's next fragment; false when there is no such
  // viewer. It may come again.
  bool dismiss(std::uint64_t id);

  // Keeps the latest report of viewer `id`'s player; false when there is no such viewer. The caller
  // proves with the id that it is the viewer.
  bool report(std::uint64_t id, PlayerReport report);
  // The latest one; nothing before the first.
  [[nodiscard]] std::optional<PlayerReport> player_report(std::uint64_t id) const;

  // How long the clients of a stream waited from their request to its beginning.
  struct JoinTimes {
    static constexpr std::array<double, 9> kBoundsSeconds = {0.005, 0.02, 0.05, 0.1, 0.25,
                                                             0.5,   1,    2.5,  10};
    // Those that waited no longer than a bound and longer than the one before; last, the rest.
    std::array<std::uint64_t, kBoundsSeconds.size() + 1> joins{};
    std::chrono::nanoseconds sum{0};
  };
  // Nothing is counted for a stream after forget().
  [[nodiscard]] JoinTimes join_times(const Stream& stream) const;

  // Of the viewers that are present and of those that have left. They never go back.
  struct Totals {
    std::uint64_t viewers = 0;
    std::uint64_t refused = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t fragments_sent = 0;
    std::uint64_t fragments_skipped = 0;
    Totals& operator+=(const Totals& more);
  };
  // Of all streams, and of one.
  [[nodiscard]] Totals totals() const;
  [[nodiscard]] Totals totals(const Stream& stream) const;
  // By Stream::id(), of all streams that had clients; 0: of streams that are forgotten.
  [[nodiscard]] std::unordered_map<std::uint64_t, Totals> totals_by_stream() const;
  // The stream is closed: its departed viewers count for all streams alone.
  void forget(const Stream& stream);

 private:
  [[nodiscard]] static Totals sent_to(const Viewer& viewer);
  // Why a client that holds `held` places gets no further one; empty when it gets one.
  [[nodiscard]] std::string refusal(std::uint32_t held) const REQUIRES(mutex_);
  void leave(Viewer* viewer);

  const Places places_;
  const NewId new_id_;
  mutable Mutex mutex_;
  // Viewers, by their id. One whose last pointer is gone stays until leave() has the lock.
  struct Present {
    Viewer* viewer = nullptr;
    std::weak_ptr<Viewer> pointer;
  };
  std::unordered_map<std::uint64_t, Present> viewers_ GUARDED_BY(mutex_);
  // Places by client (client_key); no entry for a client without any.
  std::unordered_map<std::string, std::uint32_t> held_ GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, PlayerReport> reports_ GUARDED_BY(mutex_);
  // By Stream::id(); 0: of streams that are forgotten.
  std::unordered_map<std::uint64_t, Totals> departed_ GUARDED_BY(mutex_);
  // By Stream::id().
  std::unordered_map<std::uint64_t, JoinTimes> join_times_ GUARDED_BY(mutex_);
};

}  // namespace livestream
