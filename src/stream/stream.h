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

// Is called when there is something new for viewers: once per video fragment (without video for
// Stream::kSoundAlone, once per audio fragment) and once per state message. On the ingest thread,
// without a lock held; must not block.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  virtual void on_published() = 0;
};

// How much of the past a stream keeps: `duration`, at least two GOPs and the current one, and never
// more than `max_bytes`.
struct Retention {
  std::chrono::microseconds duration = std::chrono::seconds(10);
  std::size_t max_bytes = 64u << 20;
};

// A named source with its tracks, one timeline and one sequence of fragments, kept in one bounded
// log per track. One thread (ingest) publishes; any thread reads.
class Stream {
 public:
  // `epoch` (hexadecimal) identifies this life of the stream in this process, so `epoch.sequence`
  // always identifies the same fragment.
  Stream(std::string name, std::string epoch, Retention retention = {});

  // Before the first publish(). Listeners outlive the last one.
  void set_listeners(std::vector<StreamListener*> listeners) { listeners_ = std::move(listeners); }

  // Never used again in this process, by no other stream; above 0.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& epoch() const { return epoch_; }

  // Ingest thread. Fragments published from now on need these init segments; the next one is
  // independent.
  void describe(StreamDescription description);
  // Ingest thread. Sequence numbers rise, by any step. Call describe() before the first fragment of
  // media.
  void publish(Fragment fragment);
  // Ingest thread. Drops all fragments: a new viewer then waits for the next independent fragment
  // and is not shown the past. Sequence numbers and times continue.
  void clear();
  void set_source_status(SourceStatus status);
  // Ingest thread. The stream has ended and does not begin again: viewers get what there is, and
  // then the end.
  void close();

  [[nodiscard]] SourceStatus source_status() const;
  // The current description; null before the first.
  [[nodiscard]] std::shared_ptr<const Generation> generation() const;
  // Whether there is an independent fragment for a viewer to start from.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_acquire); }
  // Sequence number of the newest fragment; 0 before the first.
  [[nodiscard]] std::uint64_t newest() const { return newest_.load(std::memory_order_acquire); }

  // The cursor's next batch, up to kMaxBatchBytes and kMaxBatchBlocks; nothing when there is no
  // later fragment. A cursor whose next fragment was evicted, or that lags more than its max_lag,
  // resumes at the newest independent fragment.
  [[nodiscard]] std::optional<Batch> read(const Cursor& cursor) const;

  // Media time from the fragment `sequence` to the newest one; zero for a later number.
  [[nodiscard]] std::chrono::microseconds lag(std::uint64_t sequence) const;

  struct Totals {
    std::uint64_t fragments = 0;
    std::uint64_t bytes = 0;
    std::size_t log_bytes = 0;
    std::size_t log_fragments = 0;
  };
  [[nodiscard]] Totals totals() const;
  // Time of arrival of the newest fragment of media (not a message); nothing before the first.
  [[nodiscard]] std::optional<SteadyTime> last_media() const;

  static constexpr std::size_t kMaxBatchBytes = 4u << 20;
  // Below IOV_MAX, with room for framing.
  static constexpr std::size_t kMaxBatchBlocks = 500;
  // Sound waits this long for the next picture to travel with.
  static constexpr std::chrono::milliseconds kSoundAlone{100};

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

  const std::uint64_t id_;
  const std::string name_;
  const std::string epoch_;
  const Retention retention_;
  std::vector<StreamListener*> listeners_;

  std::atomic<std::uint64_t> newest_{0};
  std::atomic<bool> closed_{false};

  mutable Mutex mutex_;
  // By track id: messages, video, audio.
  static constexpr std::size_t kLogs = 3;
  FragmentLog logs_[kLogs] GUARDED_BY(mutex_);
  std::deque<GopStart> gops_ GUARDED_BY(mutex_);
  // Fragments below this sequence number are evicted.
  std::uint64_t evicted_before_ GUARDED_BY(mutex_) = 0;
  std::chrono::microseconds newest_time_ GUARDED_BY(mutex_){0};
  std::optional<SteadyTime> last_media_ GUARDED_BY(mutex_);
  SteadyTime last_video_ GUARDED_BY(mutex_){};
  std::shared_ptr<const Generation> generation_ GUARDED_BY(mutex_);
  SourceStatus source_status_ GUARDED_BY(mutex_);
  Totals totals_ GUARDED_BY(mutex_);
};

}  // namespace livestream
