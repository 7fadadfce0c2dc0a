#pragma once

#include <chrono>
#include <cstdint>

namespace livestream {

// A point or a length on the media timeline, in units of 1/timescale seconds. Conversions are explicit and round to nearest.
struct MediaTime {
  std::int64_t ticks = 0;
  std::uint32_t timescale = 1;

  [[nodiscard]] constexpr MediaTime in(std::uint32_t target) const {
    // __extension__ because -Wpedantic minds __int128. 128 bits: decades of 90 kHz ticks times a timescale do not fit into 64.
    const auto scaled = static_cast<__int128>(ticks) * target;
    const __int128 half = scaled < 0 ? -static_cast<__int128>(timescale) / 2 : static_cast<__int128>(timescale) / 2;
    return {static_cast<std::int64_t>((scaled + half) / timescale), target};
  }
  [[nodiscard]] constexpr std::chrono::microseconds duration() const {
    return std::chrono::microseconds(in(1'000'000).ticks);
  }
  [[nodiscard]] static constexpr MediaTime from(std::chrono::microseconds time, std::uint32_t timescale) {
    return MediaTime{time.count(), 1'000'000}.in(timescale);
  }
};

}  // namespace livestream
