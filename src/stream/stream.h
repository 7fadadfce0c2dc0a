#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "media/fragment.h"
#include "stream/cursor.h"
#include "stream/fragment_log.h"
#include "stream/source_status.h"

namespace livestream {

// Told when viewers have something new to send: once per video fragment (once per audio fragment
// without video) and state message. Called on the ingest thread without a lock held; must not
// block.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  virtual void on_published() = 0;
};

// How much of the past a stream keeps. Two GOPs and the current one are kept however old they are,
// unless they exceed `max_bytes`, which is never exceeded by more than one fragment.
struct Retention {
  std::chrono::microseconds duration = std::chrono::seconds(10);
  std::size_t max_bytes = 64u << 20;
};

// A named source with its tracks, one timeline and one sequence of fragments, kept in one bounded
// log per track. One thread (ingest) publishes; any thread reads.
class Stream {
 public:
  // `epoch` names this life of the stream in this process (hexadecimal); `epoch.sequence` names a
  // fragment for ever.
  Stream(std::string name, std::string epoch, Retention retention = {});

  // Listeners outlive the stream's last publish; set before the first.
  void set_listeners(std::vector<StreamListener*> listeners) { listeners_ = std::move(listeners); }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& epoch() const { return epoch_; }

  // Ingest thread. What is published from now on needs these init segments; an independent fragment
  // follows.
  void describe(StreamDescription description);
  // Ingest thread. Sequence numbers rise by any step; a fragment before the first description is an
  // error of the caller.
  void publish(Fragment fragment);
  // Ingest thread. Drops all fragments, so that who comes next waits for a new independent one
  // instead of being shown the past. Sequence numbers and times go on.
  void clear();
  void set_source_status(SourceStatus status);

  [[nodiscard]] SourceStatus source_status() const;
  // The current description; null before the first.
  [[nodiscard]] std::shared_ptr<const Generation> generation() const;
  // Whether a viewer could be served: there is an independent fragment to start from.
  [[nodiscard]] bool ready() const;
  // Of the newest fragment; 0 before the first.
  [[nodiscard]] std::uint64_t newest() const { return newest_.load(std::memory_order_acquire); }

  // The cursor's next batch, up to kMaxBatchBytes and kMaxBatchBlocks; nothing when it has all
  // there is. A cursor whose next fragment is gone, or which lags more than it may, goes on at the
  // newest independent fragment.
  [[nodiscard]] std::optional<Batch> read(const Cursor& cursor) const;

  // How far the fragment `sequence` is behind the newest one, in media time; zero for a cursor that
  // has everything.
  [[nodiscard]] std::chrono::microseconds lag(std::uint64_t sequence) const;

  struct Totals {
    std::uint64_t fragments = 0;
    std::uint64_t bytes = 0;
    std::size_t log_bytes = 0;
    std::size_t log_fragments = 0;
  };
  [[nodiscard]] Totals totals() const;
  // When the newest fragment of media (not a message) arrived; nothing before the first.
  [[nodiscard]] std::optional<SteadyTime> last_media() const;

  static constexpr std::size_t kMaxBatchBytes = 4u << 20;
  static constexpr std::size_t kMaxBatchBlocks = 500;  // below IOV_MAX, with room for framing

 private:
  struct GopStart {
    std::uint64_t sequence;
    std::chrono::microseconds time;
  };

  [[nodiscard]] const FragmentLog::Entry* next_entry(const TrackSelection& selection,
                                                     std::uint64_t from) const REQUIRES(mutex_);
  [[nodiscard]] std::uint64_t start_for(const Cursor& cursor, std::uint64_t* skipped) const
      REQUIRES(mutex_);
  [[nodiscard]] std::size_t log_bytes() const REQUIRES(mutex_);
  void evict() REQUIRES(mutex_);
  void evict_before(std::uint64_t sequence) REQUIRES(mutex_);

  const std::string name_;
  const std::string epoch_;
  const Retention retention_;
  std::vector<StreamListener*> listeners_;

  std::atomic<std::uint64_t> newest_{0};

  mutable Mutex mutex_;
  static constexpr std::size_t kLogs = 3;  // by track id: messages, video, audio
  FragmentLog logs_[kLogs] GUARDED_BY(mutex_);
  std::deque<GopStart> gops_ GUARDED_BY(mutex_);
  std::uint64_t evicted_before_ GUARDED_BY(mutex_) = 0;  // media below this number is gone
  std::chrono::microseconds newest_time_ GUARDED_BY(mutex_){0};
  std::optional<SteadyTime> last_media_ GUARDED_BY(mutex_);
  std::shared_ptr<const Generation> generation_ GUARDED_BY(mutex_);
  SourceStatus source_status_ GUARDED_BY(mutex_);
  Totals totals_ GUARDED_BY(mutex_);
};

}  // namespace livestream
