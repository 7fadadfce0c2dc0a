#include "media/frame_rate.h"

#include <cmath>
#include <numeric>

namespace livestream {
namespace {

std::optional<FrameRate> ratio_near(double rate, std::uint32_t denominator_thousandths) {
  const double scaled = rate * denominator_thousandths / 1000;
  const double whole = std::round(scaled);
  // Containers round to five or six digits; the NTSC rates lie a thousandth from the whole ones.
  if (whole < 1 || std::abs(scaled - whole) > 1e-4 * whole) return {};
  if (denominator_thousandths == 1000) return FrameRate{static_cast<std::uint32_t>(whole), 1};
  return FrameRate{static_cast<std::uint32_t>(whole) * 1000, denominator_thousandths};
}

}  // namespace

std::optional<FrameRate> frame_rate_of(double frames_per_second) {
  if (!(frames_per_second >= 0.01 && frames_per_second <= 1000)) return {};
  if (const auto whole = ratio_near(frames_per_second, 1000)) return whole;
  if (const auto ntsc = ratio_near(frames_per_second, 1001)) return ntsc;
  const auto thousandths = static_cast<std::uint32_t>(std::round(frames_per_second * 1000));
  const std::uint32_t common = std::gcd(thousandths, 1000U);
  return FrameRate{thousandths / common, 1000 / common};
}

}  // namespace livestream
