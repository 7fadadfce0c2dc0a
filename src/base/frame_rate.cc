#include "base/frame_rate.h"

namespace livestream {
namespace {

// Fine enough to tell a time stamp from the grid of frames, coarse enough for 32-bit durations.
constexpr std::uint32_t kLeastTimescale = 10'000;

std::uint32_t scale_of(std::uint32_t numerator) {
  std::uint32_t scale = 1;
  while (std::uint64_t{numerator} * scale < kLeastTimescale) scale *= 10;
  return scale;
}

}  // namespace

std::uint32_t FrameRate::timescale() const { return numerator * scale_of(numerator); }
std::uint32_t FrameRate::ticks_per_frame() const { return denominator * scale_of(numerator); }

}  // namespace livestream
