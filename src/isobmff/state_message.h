#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "media/fragment.h"

namespace livestream {

inline constexpr std::string_view kStateScheme = "urn:livestream-server:state";

// An event message (`emsg` version 1, ISO/IEC 23009-1 §5.10.3.3) that tells viewers the source's
// state: `json` is the message, `at` its place on the timeline, `sequence` from
// Timeline::next_sequence.
[[nodiscard]] Fragment write_state_message(std::uint64_t sequence, MediaTime at, SteadyTime now,
                                           std::string_view json);

}  // namespace livestream
