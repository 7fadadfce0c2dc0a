#pragma once

#include "media/track.h"

namespace livestream {

// The audio track that append_audio_output makes: AAC-LC, 44.1 kHz, stereo, configured as ffmpeg's
// encoder configures it. Known before the first sound comes.
[[nodiscard]] Track encoded_audio_track();

}  // namespace livestream
