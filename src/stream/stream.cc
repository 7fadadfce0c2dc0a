#include "stream/stream.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace livestream {
namespace {

// State messages come once a second while a source is away; a viewer needs only the newest.
constexpr std::size_t kMessagesKept = 4;
// GOPs kept beyond Retention::duration: two whole ones and the current one.
constexpr std::size_t kGopsKept = 3;

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

// A reader's position in one log.
struct Position {
  FragmentLog::Iterator next, end;
};

// The position whose fragment has the lowest sequence number; null when all are at their end.
Position* first_of(Position* positions, std::size_t count) {
  Position* first = nullptr;
  for (Position* position = positions; position != positions + count; ++position) {
    if (position->next == position->end) continue;
    if (first == nullptr || position->next->fragment.sequence < first->next->fragment.sequence)
      first = position;
  }
  return first;
}

const SharedBytes* init_segment(const Generation& generation, const TrackSelection& selection) {
  const StreamDescription& description = generation.description;
  // A selected track that the stream lacks is left out.
  const TrackSelection existing{
      .video = selection.video && description.track(TrackKind::kVideo) != nullptr,
      .audio = selection.audio && description.track(TrackKind::kAudio) != nullptr};
  for (const InitSegment& init : description.init_segments) {
    if (init.selection == existing) return &init.bytes;
  }
  return description.init_segments.empty() ? nullptr : &description.init_segments.front().bytes;
}

}  // namespace

Stream::Stream(std::string name, std::string epoch, Retention retention)
    : id_(next_id()), name_(std::move(name)), epoch_(std::move(epoch)), retention_(retention) {}

void Stream::describe(StreamDescription description) {
  const MutexLock lock(mutex_);
  auto next = std::make_shared<Generation>();
  next->number = generation_ ? generation_->number + 1 : 1;
  next->description = std::move(description);
  generation_ = std::move(next);
}

void Stream::publish(Fragment fragment) {
  CHECK(fragment.track_id < kLogs);
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    const bool message = fragment.track_id == kMessageTrackId;
    const std::uint64_t sequence = fragment.sequence;
    if (!message) {
      CHECK(generation_ != nullptr);
      const bool has_video = generation_->description.track(TrackKind::kVideo) != nullptr;
      const bool is_video = fragment.track_id == kVideoTrackId;
      if (is_video) last_video_ = fragment.arrived;
      wake = is_video || !has_video || fragment.arrived - last_video_ >= kSoundAlone;
      const auto time = fragment.decode_time.duration();
      newest_time_ = std::max(newest_time_, time);
      last_media_ = fragment.arrived;
      if (fragment.independent) gops_.push_back({sequence, time});
    } else {
      wake = true;
    }
    ++totals_.fragments;
    totals_.bytes += fragment.bytes.size();
    FragmentLog& log = logs_[fragment.track_id];
    log.append({std::move(fragment), generation_});
    evict();
    newest_.store(sequence, std::memory_order_release);
  }
  if (!wake) return;
  for (StreamListener* listener : listeners_) listener->on_published();
}

void Stream::close() {
  closed_.store(true, std::memory_order_release);
  for (StreamListener* listener : listeners_) listener->on_published();
}

void Stream::clear() {
  const MutexLock lock(mutex_);
  evict_before(newest_.load(std::memory_order_relaxed) + 1);
}

void Stream::evict() {
  FragmentLog& messages = logs_[kMessageTrackId];
  const std::size_t count = messages.entries().size();
  if (count > kMessagesKept)
    messages.evict_before(messages.entries()[count - kMessagesKept].fragment.sequence);

  while (gops_.size() > kGopsKept && newest_time_ - gops_[1].time >= retention_.duration) {
    evict_before(gops_[1].sequence);
  }
  while (gops_.size() > 1 && log_bytes() > retention_.max_bytes) evict_before(gops_[1].sequence);
  // One GOP is larger than max_bytes. Viewers can no longer join in it; present ones continue.
  while (log_bytes() > retention_.max_bytes) evict_before(next_entry({}, 0)->fragment.sequence + 1);
}

void Stream::evict_before(std::uint64_t sequence) {
  for (FragmentLog& log : logs_) log.evict_before(sequence);
  while (!gops_.empty() && gops_.front().sequence < sequence) gops_.pop_front();
  evicted_before_ = sequence;
}

std::size_t Stream::log_bytes() const {
  std::size_t bytes = 0;
  for (const FragmentLog& log : logs_) bytes += log.bytes();
  return bytes;
}

const FragmentLog::Entry* Stream::next_entry(const TrackSelection& selection,
                                             std::uint64_t from) const {
  const FragmentLog::Entry* next = nullptr;
  for (std::uint32_t track = 0; track < kLogs; ++track) {
    if (!selection.has(track)) continue;
    const auto found = logs_[track].find(from);
    if (found == logs_[track].end()) continue;
    if (next == nullptr || found->fragment.sequence < next->fragment.sequence) next = &*found;
  }
  return next;
}

std::uint64_t Stream::start_for(const Cursor& cursor, std::uint64_t* skipped) const {
  const std::uint64_t newest_start = gops_.empty() ? 0 : gops_.back().sequence;
  if (cursor.next == 0) return newest_start;
  if (cursor.next >= newest_start && cursor.next >= evicted_before_) return cursor.next;
  bool lags = cursor.next < evicted_before_;
  if (!lags) {
    const FragmentLog::Entry* entry = next_entry(cursor.selection, cursor.next);
    lags = entry != nullptr && entry->fragment.track_id != kMessageTrackId &&
           newest_time_ - entry->fragment.decode_time.duration() > cursor.max_lag;
  }
  if (!lags) return cursor.next;
  if (newest_start > cursor.next) *skipped = newest_start - cursor.next;
  return newest_start;
}

std::optional<Batch> Stream::read(const Cursor& cursor) const {
  const MutexLock lock(mutex_);
  if (generation_ == nullptr) return std::nullopt;
  Batch batch{.after = cursor};
  std::uint64_t at = start_for(cursor, &batch.skipped);
  if (at == 0) return std::nullopt;

  // A k-way merge of the chosen logs by sequence number.
  Position positions[kLogs];
  std::size_t chosen = 0;
  for (std::uint32_t track = 0; track < kLogs; ++track) {
    if (cursor.selection.has(track))
      positions[chosen++] = {logs_[track].find(at), logs_[track].end()};
  }
  std::vector<SharedBytes> blocks;
  std::size_t bytes = 0;
  while (bytes < kMaxBatchBytes && blocks.size() < kMaxBatchBlocks) {
    Position* first = first_of(positions, chosen);
    if (first == nullptr) break;
    const FragmentLog::Entry& entry = *first->next++;
    if (entry.fragment.track_id != kMessageTrackId &&
        entry.generation->number != batch.after.generation) {
      if (const SharedBytes* init = init_segment(*entry.generation, cursor.selection)) {
        blocks.push_back(*init);
        bytes += init->size();
      }
      batch.after.generation = entry.generation->number;
    }
    blocks.push_back(entry.fragment.bytes);
    bytes += entry.fragment.bytes.size();
    ++batch.fragments;
    batch.after.next = entry.fragment.sequence + 1;
  }
  if (blocks.empty()) return std::nullopt;
  if (first_of(positions, chosen) == nullptr) {
    // Skip the fragments of other tracks too. A resumed cursor that has caught up is live again.
    batch.after.next = newest_.load(std::memory_order_relaxed) + 1;
    batch.after.max_lag = Cursor::kLiveLag;
  } else {
    batch.more = true;
  }
  batch.blocks = std::make_shared<const SharedBlocks>(std::move(blocks));
  return batch;
}

void Stream::set_source_status(SourceStatus status) {
  const MutexLock lock(mutex_);
  source_status_ = std::move(status);
}

SourceStatus Stream::source_status() const {
  const MutexLock lock(mutex_);
  return source_status_;
}

std::shared_ptr<const Generation> Stream::generation() const {
  const MutexLock lock(mutex_);
  return generation_;
}

bool Stream::ready() const {
  const MutexLock lock(mutex_);
  return !gops_.empty();
}

std::chrono::microseconds Stream::lag(std::uint64_t sequence) const {
  const MutexLock lock(mutex_);
  const FragmentLog::Entry* entry = next_entry({}, std::max(sequence, evicted_before_));
  if (entry == nullptr || entry->fragment.track_id == kMessageTrackId)
    return std::chrono::microseconds(0);
  return newest_time_ - entry->fragment.decode_time.duration();
}

Stream::Totals Stream::totals() const {
  const MutexLock lock(mutex_);
  Totals totals = totals_;
  totals.log_bytes = log_bytes();
  for (const FragmentLog& log : logs_) totals.log_fragments += log.entries().size();
  return totals;
}

std::optional<SteadyTime> Stream::last_media() const {
  const MutexLock lock(mutex_);
  return last_media_;
}

}  // namespace livestream
