#pragma once

#include <chrono>
#include <deque>

#include "base/clock.h"

namespace livestream {

// Amount per second of something that is counted, over the last `window`.
class RateMeter {
 public:
  explicit RateMeter(std::chrono::milliseconds window) : window_(window) {}

  // `total`: what has been counted since the meter began, at `now`.
  void observe(double total, SteadyTime now) {
    points_.push_back({total, now});
    while (points_.size() > 2 && points_[1].time <= now - window_) points_.pop_front();
  }
  // Of the time between the observations; zero while it is shorter than a fifth of the window.
  [[nodiscard]] double per_second() const {
    if (points_.empty()) return 0;
    const std::chrono::duration<double> span = points_.back().time - points_.front().time;
    if (span * 5 < window_) return 0;
    return (points_.back().total - points_.front().total) / span.count();
  }
  [[nodiscard]] bool full() const {
    return !points_.empty() && points_.back().time - points_.front().time >= window_;
  }
  void reset() { points_.clear(); }

 private:
  struct Point {
    double total;
    SteadyTime time;
  };
  std::chrono::milliseconds window_;
  std::deque<Point> points_;
};

}  // namespace livestream
