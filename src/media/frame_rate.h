#pragma once

#include <cstdint>
#include <optional>

namespace livestream {

// Frames per second as an exact ratio in lowest terms: 30/1, 30000/1001.
struct FrameRate {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;

  // A media timescale in which one frame lasts a whole number of ticks, and that number: 30000 and
  // 1000 for 30/1, 30000 and 1001 for 30000/1001.
  [[nodiscard]] std::uint32_t timescale() const;
  [[nodiscard]] std::uint32_t ticks_per_frame() const;

  bool operator==(const FrameRate&) const = default;
};

// The ratio that `frames_per_second` stands for: a whole number, the same divided by 1.001 (the
// NTSC rates), or else thousandths. Absent outside 0.01 .. 1000.
[[nodiscard]] std::optional<FrameRate> frame_rate_of(double frames_per_second);

}  // namespace livestream
