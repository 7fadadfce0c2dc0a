#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "media/fragment.h"

namespace livestream::micro {

// A stream like the clip of ./bench: 2 Mbit/s, 30 frames a second of 8 KiB, AAC of 370 bytes.
inline constexpr std::size_t kVideoFrame = 8192;
inline constexpr std::size_t kAudioFrame = 370;
inline constexpr int kFramesPerGop = 30;

// One AVC access unit of one NAL unit, with its four-byte length.
[[nodiscard]] Bytes video_frame(bool independent);
// Tracks whose configurations the readers and writers accept.
[[nodiscard]] StreamDescription description();
// A fragment of video, or of audio.
[[nodiscard]] Fragment fragment(std::uint64_t sequence, bool video, std::int64_t frame);
// FLV of this many GOPs, with an audio frame after each video frame.
[[nodiscard]] Bytes flv(int gops);

}  // namespace livestream::micro
