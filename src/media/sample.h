#pragma once

#include <cstdint>

#include "base/shared_bytes.h"
#include "media/track.h"

namespace livestream {

// One coded frame from a PacketReader: H.264 with four-byte NAL lengths, or one AAC access
// unit without ADTS. Times are the container's own whole milliseconds, unwrapped (they grow past
// 2^31), not yet on the stream's timeline.
struct Sample {
  TrackKind kind = TrackKind::kVideo;
  bool independent = false;  // begins with an IDR; audio: always
  std::int64_t decode_ms = 0;
  std::int32_t composition_offset_ms = 0;
  Bytes data;
  // A picture beside which no sound will come, as reading ahead has shown.
  bool is_silent = false;
};

}  // namespace livestream
