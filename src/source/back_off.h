#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace livestream {

// How long to wait before a source is opened again: not at all after a run of kGoodRun or more that
// gave pictures; else 1 s, 2 s, 4 s ... up to 30 s, while viewers wait up to 5 s, each a little
// more or less by chance, so that many servers do not ask one camera at the same moment.
class BackOff {
 public:
  // `chance` gives numbers from 0 to 1.
  explicit BackOff(std::function<double()> chance) : chance_(std::move(chance)) {}

  // `lasted`: the time of the run's pictures; zero where none came.
  [[nodiscard]] std::chrono::milliseconds after_run(std::chrono::milliseconds lasted,
                                                    bool watched) {
    if (lasted >= kGoodRun) {
      next_ = kFirst;
      return std::chrono::milliseconds(0);
    }
    const std::chrono::milliseconds wait = std::min(next_, watched ? kLongestWatched : kLongest);
    next_ = std::min(next_ * 2, kLongest);
    const double share = 1 - kJitter * chance_();
    return std::chrono::duration_cast<std::chrono::milliseconds>(wait * share);
  }

  void reset() { next_ = kFirst; }

  static constexpr std::chrono::milliseconds kGoodRun{10'000};
  static constexpr std::chrono::milliseconds kLongest{30'000};
  static constexpr std::chrono::milliseconds kLongestWatched{5'000};

 private:
  static constexpr std::chrono::milliseconds kFirst{1'000};
  static constexpr double kJitter = 0.25;
  std::function<double()> chance_;
  std::chrono::milliseconds next_ = kFirst;
};

}  // namespace livestream
