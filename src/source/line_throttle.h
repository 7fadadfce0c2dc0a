#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace livestream {

// Lets so many lines through in each ten seconds and counts the rest. A pure value.
class LineThrottle {
 public:
  // How many lines of the window before were hidden: to be said once, when a new window begins.
  [[nodiscard]] int begin_window_if_due(SteadyTime now) {
    if (window_ && now - *window_ < kWindow) return 0;
    window_ = now;
    passed_ = 0;
    return std::exchange(hidden_, 0);
  }
  // Whether one more line may be logged.
  [[nodiscard]] bool allow() {
    if (passed_ < kMost) {
      ++passed_;
      return true;
    }
    ++hidden_;
    return false;
  }

  static constexpr std::chrono::seconds kWindow{10};
  static constexpr int kMost = 20;

 private:
  std::optional<SteadyTime> window_;
  int passed_ = 0;
  int hidden_ = 0;
};

}  // namespace livestream
