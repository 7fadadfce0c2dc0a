#pragma once

#include <algorithm>
#include <chrono>

namespace livestream {

// How long to wait before the next start: not at all after a run that produced something, else 1 s,
// 2 s, 4 s ... 30 s.
class BackOff {
 public:
  [[nodiscard]] std::chrono::milliseconds after_run(bool produced) {
    if (produced) {
      next_ = kFirst;
      return std::chrono::milliseconds(0);
    }
    const std::chrono::milliseconds wait = next_;
    next_ = std::min(next_ * 2, kLongest);
    return wait;
  }

 private:
  static constexpr std::chrono::milliseconds kFirst{1'000};
  static constexpr std::chrono::milliseconds kLongest{30'000};
  std::chrono::milliseconds next_ = kFirst;
};

}  // namespace livestream
