#pragma once

#include <cstdint>

#include "media/track.h"

namespace livestream {

// A track of AAC-LC, of one or two channels.
[[nodiscard]] Track aac_lc_track(std::uint32_t sample_rate, std::uint32_t channels);

// The audio track that append_audio_output makes: AAC-LC, 44.1 kHz, stereo, configured as ffmpeg's
// encoder configures it. Known before the first sound comes.
[[nodiscard]] Track encoded_audio_track();

}  // namespace livestream
