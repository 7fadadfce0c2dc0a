#pragma once

#include <cstdint>
#include <optional>

#include "media/frame_rate.h"
#include "media/media_time.h"

namespace livestream {

// Gives video frames exact decode times although their stamps are whole milliseconds, and durations
// although the next frame is not known yet. A frame whose stamp lies near a whole number of periods
// after the last one is put exactly there, so a constant rate has no gaps and never drifts; another
// one keeps its stamp, and takes its duration from those before. A frame never begins before the
// one before has ended: one that comes sooner than was announced is moved, and those after it are
// short until they are at their stamps again.
class FrameClock {
 public:
  struct Timing {
    std::int64_t decode_ticks = 0;
    std::uint32_t duration_ticks = 0;
  };

  // The rate to expect from now on, and with it the timescale; absent: follow the stamps.
  void set_rate(std::optional<FrameRate> rate);
  // The timescale that goes with `rate`.
  [[nodiscard]] static std::uint32_t timescale_for(std::optional<FrameRate> rate);
  [[nodiscard]] std::uint32_t timescale() const { return timescale_; }

  // Of the next frame in decode order, whose stamp on the timeline is `stamp_ms`.
  [[nodiscard]] Timing next(std::int64_t stamp_ms);

  // A composition offset in ticks; a whole number of periods where that is what it means.
  [[nodiscard]] std::int32_t composition_ticks(std::int32_t offset_ms) const;

  // How long a frame lasts, as far as is known.
  [[nodiscard]] std::uint32_t period_ticks() const { return duration_; }

 private:
  [[nodiscard]] std::int64_t ticks(std::int64_t ms) const {
    return MediaTime{ms, 1000}.in(timescale_).ticks;
  }
  [[nodiscard]] std::optional<std::int64_t> on_grid(std::int64_t ticks_after) const;
  [[nodiscard]] std::uint32_t estimate_duration(std::int64_t interval);

  std::uint32_t timescale_ = 90'000;
  // Nominal; 0: unknown.
  std::uint32_t period_ = 0;
  struct Frame {
    std::int64_t stamp_ms;
    std::int64_t decode;
    std::int64_t end;
  };
  std::optional<Frame> last_;
  std::uint32_t last_interval_ = 0;
  std::uint32_t duration_ = 3'000;
};

}  // namespace livestream
