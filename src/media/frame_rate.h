#pragma once

#include <optional>

#include "base/frame_rate.h"

namespace livestream {

// The exact ratio for `frames_per_second`: a whole number, the same divided by 1.001 (the
// NTSC rates), or else thousandths. Absent outside 0.01 .. 1000.
[[nodiscard]] std::optional<FrameRate> frame_rate_of(double frames_per_second);

}  // namespace livestream
