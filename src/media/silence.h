#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace livestream {

// One AAC-LC access unit of silence (ISO/IEC 14496-3 §4.4.2): a single or a channel pair element
// without any spectral data, so it fits every AudioSpecificConfig of one or two channels.
[[nodiscard]] Bytes silent_aac_frame(std::uint32_t channels);

}  // namespace livestream
