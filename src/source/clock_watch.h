#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace livestream {

// Compares a live source's media time with the clock. Says after three seconds of pictures whether
// its stamps can be believed: MJPEG and raw H.264 have none, some cameras have frozen or absurd
// ones, and a file that passes for a live source floods. A backlog at the start is not a flood, and
// a source that pauses is not slow. One object per run.
//
// Does not know why time is lost: ask PaceWatch first whether the machine is too slow.
class ClockWatch {
 public:
  enum class Verdict : std::uint8_t {
    kUnknown,
    kKeepsTime,
    kFrozen,  // pictures come, media time stands still
    kSlow,    // media time advances by less than 0.9 s a second
    kFast,    // by more than 1.15 s a second, for longer than a backlog explains
  };

  // `pictures`: how many the source has sent since the run began, dropped ones included; `media`:
  // the newest one's time, of any origin. Call once or several times a second.
  void observe(std::chrono::microseconds media, std::uint64_t pictures, SteadyTime now);

  [[nodiscard]] Verdict verdict() const { return verdict_; }

 private:
  struct Point {
    std::chrono::microseconds media;
    SteadyTime time;
  };
  [[nodiscard]] std::optional<double> rate() const;

  std::uint64_t pictures_ = 0;
  std::optional<Point> first_;
  std::deque<Point> points_;  // where pictures came, of the last three seconds
  std::optional<SteadyTime> fast_since_;
  Verdict verdict_ = Verdict::kUnknown;
};

}  // namespace livestream
