#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "media/track.h"
#include "stream/player_report.h"
#include "stream/stream.h"

namespace livestream {

// One client being served one stream, as /stats shows it. Its counters have one writer, the
// viewer's worker; any thread reads them.
struct Viewer {
  // First, so that what changes with each write is in one cache line.
  std::atomic<std::uint64_t> bytes_sent{0};
  std::atomic<std::uint64_t> fragments_sent{0};
  std::atomic<std::uint64_t> fragments_skipped{0};
  std::atomic<std::uint64_t> next_sequence{0};  // where its cursor stands

  std::uint64_t id = 0;
  const Stream* stream = nullptr;  // borrowed
  std::string remote_address;
  std::string user_agent;  // the beginning of it
  TrackSelection selection;
  SteadyTime connected_at{};

  // A single writer needs no read-modify-write instruction.
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t amount) {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
};

// Who is watching which stream: one for all streams of a server, which outlive it. Any thread.
class ViewerRegistry {
 public:
  // `max_viewers` at a time, of all streams together.
  explicit ViewerRegistry(std::uint32_t max_viewers) : max_viewers_(max_viewers) {}

  // Takes a place, or returns null when all are taken. The viewer leaves when the last pointer to
  // it goes, which must be before the registry goes.
  [[nodiscard]] std::shared_ptr<Viewer> join(const Stream& stream, std::string remote_address,
                                             std::string user_agent, TrackSelection selection,
                                             SteadyTime now);

  [[nodiscard]] std::uint32_t max_viewers() const { return max_viewers_; }
  [[nodiscard]] std::vector<std::shared_ptr<const Viewer>> viewers() const;

  // Keeps what the player of viewer `id` says of itself; false when there is no such viewer, or
  // when the report comes from another host than the viewer.
  bool report(std::uint64_t id, std::string_view remote_address, PlayerReport report);
  // The latest one; nothing before the first.
  [[nodiscard]] std::optional<PlayerReport> player_report(std::uint64_t id) const;

  // Of all viewers that ever were.
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

 private:
  [[nodiscard]] static Totals sent_to(const Viewer& viewer);
  void leave(Viewer* viewer);

  const std::uint32_t max_viewers_;
  mutable Mutex mutex_;
  std::unordered_map<std::uint64_t, std::weak_ptr<Viewer>> viewers_ GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, PlayerReport> reports_ GUARDED_BY(mutex_);
  std::unordered_map<const Stream*, Totals> departed_ GUARDED_BY(mutex_);
  std::uint64_t next_id_ GUARDED_BY(mutex_) = 1;
};

}  // namespace livestream
