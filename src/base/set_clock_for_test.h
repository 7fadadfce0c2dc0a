#pragma once

#include "base/clock.h"

namespace livestream {

// A clock that stands until a test moves it. It starts a minute before the time of the system's
// clock, by which timers wait, so that they end at once.
class SetClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return steady; }
  [[nodiscard]] WallTime wall_now() const override { return wall; }
  void advance(std::chrono::nanoseconds time) {
    steady += std::chrono::duration_cast<SteadyTime::duration>(time);
    wall += std::chrono::duration_cast<WallTime::duration>(time);
  }

  SteadyTime steady = std::chrono::steady_clock::now() - std::chrono::minutes(1);
  WallTime wall{std::chrono::seconds(1'700'000'000)};
};

}  // namespace livestream
