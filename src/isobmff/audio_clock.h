#pragma once

#include <cstdint>
#include <optional>

namespace livestream {

// Decode times of audio frames from the count of their samples, so that they join without a gap.
// Stamps are believed only when the count has drifted away from them: forward with a gap, backward
// by dropping frames until they fit again. A run's first stamp is believed, too: what it is off
// would else stay for the whole run. Decode times increase for ever.
class AudioClock {
 public:
  // What comes next has nothing to do with the stamps before.
  void begin_run() { run_begins_ = true; }

  // From now on. Keeps the time already reached when the rate changes.
  void set_format(std::uint32_t sample_rate, std::uint32_t samples_per_frame);
  [[nodiscard]] std::uint32_t sample_rate() const { return sample_rate_; }
  [[nodiscard]] std::uint32_t samples_per_frame() const { return samples_per_frame_; }

  // Of the next frame, in samples; absent: drop it. `stamp_ms` is on the timeline.
  [[nodiscard]] std::optional<std::int64_t> next(std::int64_t stamp_ms);

 private:
  std::uint32_t sample_rate_ = 48'000;
  std::uint32_t samples_per_frame_ = 1024;
  std::optional<std::int64_t> next_;  // where the last frame ended
  bool run_begins_ = false;
};

}  // namespace livestream
