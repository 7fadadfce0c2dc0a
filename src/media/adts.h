#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace livestream {

// The AAC access units of a packet that held one or more ADTS frames (ISO/IEC 13818-7 §6.2) and has
// lost the header of the first one, as ffmpeg's aac_adtstoasc leaves it where no parser has split
// the frames: the first unit begins at once, the others behind their own headers. Empty if the
// packet is not made of whole AAC-LC frames of this rate and of one or two channels. Views into
// `packet`.
[[nodiscard]] std::vector<ByteView> split_adts(ByteView packet, std::uint32_t sample_rate,
                                               std::uint32_t channels);

}  // namespace livestream
