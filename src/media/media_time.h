#pragma once

#include <chrono>
#include <cstdint>

namespace livestream {

// A point or a length on the media timeline, in units of 1/timescale seconds. Conversions are
// explicit and round to nearest.
struct MediaTime {
  std::int64_t ticks = 0;
  std::uint32_t timescale = 1;

  [[nodiscard]] constexpr MediaTime in(std::uint32_t target) const {
    // Whole seconds and the rest apart: decades of 90 kHz ticks times a timescale do not fit into
    // 64 bits.
    std::int64_t seconds = ticks / timescale;
    std::int64_t rest = ticks % timescale;
    if (rest < 0) {
      rest += timescale;
      --seconds;
    }
    const std::uint64_t scaled =
        (static_cast<std::uint64_t>(rest) * target + timescale / 2) / timescale;
    return {seconds * target + static_cast<std::int64_t>(scaled), target};
  }
  [[nodiscard]] constexpr std::chrono::microseconds duration() const {
    return std::chrono::microseconds(in(1'000'000).ticks);
  }
  [[nodiscard]] static constexpr MediaTime from(std::chrono::microseconds time,
                                                std::uint32_t timescale) {
    return MediaTime{time.count(), 1'000'000}.in(timescale);
  }
};

}  // namespace livestream
