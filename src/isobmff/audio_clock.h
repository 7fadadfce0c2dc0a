#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace livestream {

// Decode times of audio frames from the count of their samples, so that they join without a gap.
// Stamps correct the count only where the two differ for half a second (stamps jitter, and packets
// come in bursts), or at once where a stamp leaps by half a second. Stamps that run at another
// speed than the samples are believed only if the arrival clock agrees with the stamps: many
// cameras stamp their sound with a clock that is wrong. The first stamp after resync() is believed
// at once, because its error would stay for the whole run. Decode times always increase.
//
// All positions and lengths are in samples. One thread.
class AudioClock {
 public:
  // The next stamp is believed: it has nothing to do with those before.
  void resync();

  // From now on. Keeps the time already reached when the rate changes.
  void set_format(std::uint32_t sample_rate, std::uint32_t samples_per_frame);
  [[nodiscard]] std::uint32_t sample_rate() const { return sample_rate_; }
  [[nodiscard]] std::uint32_t samples_per_frame() const { return samples_per_frame_; }

  // Where a frame that came `now` belongs, not before end(); absent: it is older than what the
  // track holds, drop it. `stamp_ms` is on the timeline. Add the frame, and before it what fills
  // the hole, with add_frame().
  [[nodiscard]] std::optional<std::int64_t> place(std::int64_t stamp_ms, SteadyTime now);

  // Appends one frame, real or silent, and returns its decode time.
  std::int64_t add_frame();
  // Leaves a gap up to `position`, or nothing if the track has got there already.
  void skip_to(std::int64_t position);

  // Where the last frame ended; absent before the first.
  [[nodiscard]] std::optional<std::int64_t> end() const { return end_; }

 private:
  struct Arrival {
    std::int64_t stamp;
    std::int64_t count;  // samples that had come before
    SteadyTime time;
  };

  [[nodiscard]] bool observe(std::int64_t drift, std::int64_t stamp, SteadyTime now);
  [[nodiscard]] std::int64_t lasting_drift() const;
  [[nodiscard]] bool stamps_keep_time() const;
  [[nodiscard]] std::int64_t samples(std::int64_t ms) const { return ms * sample_rate_ / 1000; }

  std::uint32_t sample_rate_ = 48'000;
  std::uint32_t samples_per_frame_ = 1024;
  std::optional<std::int64_t> end_;
  bool believes_next_ = false;
  SteadyTime resynced_{};  // when the first frame after a resync() came
  std::int64_t frames_to_drop_ = 0;
  std::int64_t count_ = 0;
  std::deque<std::int64_t> drifts_;  // stamp minus count, of the last half second
  std::deque<Arrival> arrivals_;     // of the last three seconds
};

}  // namespace livestream
