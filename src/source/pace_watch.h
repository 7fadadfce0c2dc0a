#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "source/rate_meter.h"

namespace livestream {

// Whether the machine keeps up: ffmpeg is too slow when for five seconds its media time advances by
// less than 0.9 of the time that passes although it is busy. A slow source leaves it idle.
// One object per run.
class PaceWatch {
 public:
  // `cpu`: the processor time of ffmpeg so far, or nothing where it is not known (then the pace of
  // the media alone decides).
  void observe(std::chrono::microseconds media, std::optional<std::chrono::milliseconds> cpu,
               SteadyTime now);

  [[nodiscard]] bool too_slow() const { return too_slow_; }
  // Media seconds per second, over the last three seconds.
  [[nodiscard]] double speed() const { return speed_.per_second(); }

 private:
  RateMeter speed_{std::chrono::seconds(3)};
  RateMeter media_{std::chrono::seconds(5)};
  RateMeter cpu_{std::chrono::seconds(5)};
  bool too_slow_ = false;
};

}  // namespace livestream
