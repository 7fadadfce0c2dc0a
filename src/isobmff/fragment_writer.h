#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/clock.h"
#include "media/media_time.h"

namespace livestream {

struct FragmentSample {
  ByteView data;
  std::int32_t composition_offset = 0;  // in the track's timescale
};

// The values of a fragment beside its samples, which share one duration and one kind.
struct FragmentHeader {
  std::uint64_t sequence = 0;
  std::uint32_t track_id = 0;
  bool sync = true;                   // its samples are random access points: IDR, or audio
  MediaTime decode_time;              // of the first sample, in the track's timescale; not negative
  std::uint32_t sample_duration = 0;  // in the track's timescale
  std::optional<WallTime> received;  // when the server received the samples: writes a prft in front
};

// [prft] moof mdat, in one buffer that is allocated once (ISO/IEC 14496-12 §8.8.4 to §8.8.12,
// §8.16.5).
[[nodiscard]] Bytes write_fragment(const FragmentHeader& header,
                                   std::span<const FragmentSample> samples);

}  // namespace livestream
