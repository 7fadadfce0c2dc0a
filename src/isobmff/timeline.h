#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "media/media_time.h"

namespace livestream {

// The one clock of a stream, for the life of the process. It places the container times of each run
// of the source on a time that never goes back and never restarts, and numbers the stream's
// fragments. Owned by the stream's producer and borrowed by its fragmenters; one thread.
//
// Time without a source is a gap of the same length. Within a run the container's own time is kept;
// a jump back, or a jump forward that the arrival clock does not confirm, is taken out.
class Timeline {
 public:
  // Where one track of one fragmenter stands in the current run. A track keeps its mapping until
  // its own times break, so tracks that jump at different moments of the interleaving come out
  // aligned.
  class Place {
    friend class Timeline;
    std::uint64_t run_ = 0;
    std::int64_t offset_ms_ = 0;
    std::int64_t last_ms_ = 0;  // on the timeline
  };

  // A new run of the source: its container times have nothing to do with those before. The timeline
  // begins, at zero, with the first run.
  void begin_run(SteadyTime now);
  // Counts begin_run calls; 0 before the first.
  [[nodiscard]] std::uint64_t run() const { return run_; }

  // The timeline's milliseconds for a sample that has just arrived. Not before what has been
  // published, except by the few milliseconds that a track trails the others.
  [[nodiscard]] std::int64_t place_ms(Place& place, std::int64_t container_ms, SteadyTime now);

  // Tells that a fragment that ends there has been given out: no later run begins before it.
  void published_until(MediaTime end);

  // Wall-clock time since the timeline began, for state messages.
  [[nodiscard]] MediaTime position(SteadyTime now) const;

  // 1, 2, 3 ... for the fragments of all tracks and the messages alike.
  [[nodiscard]] std::uint64_t next_sequence() { return ++sequence_; }

 private:
  [[nodiscard]] std::int64_t since_begin_ms(SteadyTime now) const;
  [[nodiscard]] bool plausible(const Place& place, std::int64_t time_ms, SteadyTime now) const;
  void reanchor(std::int64_t container_ms, SteadyTime now);

  std::uint64_t sequence_ = 0;
  std::uint64_t run_ = 0;
  std::optional<SteadyTime> begin_;
  bool anchored_ = false;       // the current run has an offset
  std::int64_t offset_ms_ = 0;  // timeline minus container, the newest
  std::int64_t front_ms_ = 0;   // the latest time given to a sample
  SteadyTime front_arrival_{};  // and when it came
  std::int64_t end_ms_ = 0;     // of what has been published
};

}  // namespace livestream
