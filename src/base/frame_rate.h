#pragma once

#include <cstdint>

namespace livestream {

// Frames per second as an exact ratio in lowest terms: 30/1, 30000/1001.
struct FrameRate {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;

  [[nodiscard]] double per_second() const { return static_cast<double>(numerator) / denominator; }

  // A media timescale in which a frame lasts a whole number of ticks, and this number: 30000 and
  // 1000 for 30/1, 30000 and 1001 for 30000/1001.
  [[nodiscard]] std::uint32_t timescale() const;
  [[nodiscard]] std::uint32_t ticks_per_frame() const;

  bool operator==(const FrameRate&) const = default;
};

}  // namespace livestream
