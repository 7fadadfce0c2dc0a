#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "media/media_time.h"

namespace livestream {

// The one clock of a stream, for the life of the process. It maps the container times of each run
// of the source to a time that never goes back and never restarts, and numbers the stream's
// fragments. Owned by the stream's producer and borrowed by its fragmenters; one thread.
//
// A run maps its times by ONE offset for all tracks, chosen at its first sample, so that picture
// and sound keep their distance. Only the leading track (the picture; the sound of a source without
// one) can change that offset: where its times jump back, or leap ahead without the arrival clock
// confirming it, the container's times have broken. The other tracks keep the old offset until
// their own times break too. A sample of another track that fits neither is dropped and counted.
//
// Time without a source is a gap of the same length in all tracks.
class Timeline {
 public:
  enum class Role : std::uint8_t { kLeads, kFollows };

  // Where one track of one fragmenter stands in the current run.
  class Place {
    friend class Timeline;
    std::uint64_t run_ = 0;
    std::uint64_t breaks_ = 0;  // of the container's times, that this track went through
    std::int64_t offset_ms_ = 0;
    std::int64_t last_ms_ = 0;  // on the timeline
    // Since when each sample has been far from the leading track, and the least distance since
    // then, positive when ahead.
    std::optional<SteadyTime> far_since_;
    std::int64_t distance_ms_ = 0;
    bool corrected_ = false;
  };

  // A new run of the source: its container times have nothing to do with those before. The timeline
  // begins, at zero, with the first run.
  void begin_run(SteadyTime now);
  // Counts begin_run calls; 0 before the first.
  [[nodiscard]] std::uint64_t run() const { return run_; }

  // The timeline's milliseconds for a sample that has just arrived; absent: drop the sample. A
  // track may come out up to half a second before its last sample, because stamps jitter.
  [[nodiscard]] std::optional<std::int64_t> place_ms(Place& place, Role role,
                                                     std::int64_t container_ms, SteadyTime now);

  // Tells that a fragment that ends there has been given out: no later run begins before it. Sound
  // that hangs over the picture by the padding of its last frames does not count, or each loop of a
  // file would have a hole in its picture.
  void published_until(Role role, MediaTime end);

  // Samples that did not fit, over all runs.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  // How far a track has just been moved because it was more than two seconds away from the leading
  // track for more than two seconds; absent: it was not. Told once for a track in a run; a track
  // whose clock is wrong is moved again without a word.
  [[nodiscard]] std::optional<std::chrono::milliseconds> take_correction();

  // Wall-clock time since the timeline began, for state messages.
  [[nodiscard]] MediaTime position(SteadyTime now) const;

  // 1, 2, 3 ... for the fragments of all tracks and the messages alike.
  [[nodiscard]] std::uint64_t next_sequence() { return ++sequence_; }

 private:
  // The latest time given to a sample, and when that sample came.
  struct Reached {
    std::int64_t ms = 0;
    SteadyTime arrival{};
    void advance(std::int64_t time_ms, SteadyTime now);
    // Where the next sample is expected now.
    [[nodiscard]] std::int64_t expected_ms(SteadyTime now) const;
  };

  [[nodiscard]] std::int64_t since_begin_ms(SteadyTime now) const;
  [[nodiscard]] std::int64_t next_start_ms() const;
  [[nodiscard]] bool continues(const Place& place, std::int64_t time_ms, SteadyTime now) const;
  void anchor(std::int64_t container_ms, SteadyTime now);
  void reanchor(std::int64_t container_ms, SteadyTime now);
  void correct_distance(Place& place, std::int64_t time_ms, SteadyTime now);

  std::uint64_t sequence_ = 0;
  std::uint64_t run_ = 0;
  std::uint64_t dropped_ = 0;
  std::optional<std::chrono::milliseconds> correction_;
  std::optional<SteadyTime> begin_;
  bool anchored_ = false;         // the current run has an offset
  std::uint64_t breaks_ = 0;      // of the container's times, over all runs
  std::int64_t start_ms_ = 0;     // where the current run, or what follows a break, begins
  std::int64_t offset_ms_ = 0;    // timeline minus container, the newest
  Reached front_;                 // by the leading track
  Reached furthest_;              // by any track
  std::int64_t end_ms_ = 0;       // of what has been published
  std::int64_t lead_end_ms_ = 0;  // the same of the leading track
};

}  // namespace livestream
