#pragma once

#include <string>

#include "base/clock.h"

namespace livestream {

// A time as RFC 3339 writes it, in UTC, to the millisecond: 2026-11-26T14:51:00.125Z.
[[nodiscard]] std::string utc_text(WallTime time);

}  // namespace livestream
