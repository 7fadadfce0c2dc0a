#pragma once

#include <chrono>

#include "base/clock.h"

namespace livestream {

// A clock that the test sets.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return SteadyTime(passed); }
  [[nodiscard]] WallTime wall_now() const override {
    return WallTime(std::chrono::duration_cast<WallTime::duration>(passed));
  }
  std::chrono::nanoseconds passed = std::chrono::hours(1);
};

}  // namespace livestream
