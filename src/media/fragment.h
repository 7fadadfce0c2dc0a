#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/shared_bytes.h"
#include "media/media_time.h"
#include "media/track.h"

namespace livestream {

// One moof + mdat of one track, optionally after a prft; or one emsg box (track kMessageTrackId).
// The smallest thing that is ever sent, skipped or stored.
struct Fragment {
  std::uint64_t sequence = 0;  // stream-wide, over all tracks and messages, from 1
  std::uint32_t track_id = kVideoTrackId;
  bool independent = false;  // a viewer may start here
  MediaTime decode_time;     // on the stream's timeline
  MediaTime duration;
  SteadyTime arrived{};  // when the server received its last frame
  SharedBytes bytes;
};

// ftyp + moov for one choice of tracks.
struct InitSegment {
  TrackSelection selection;
  std::string codecs;  // for the `codecs` parameter of video/mp4, e.g. "avc1.42C01F,mp4a.40.2"
  SharedBytes bytes;
};

// What a decoder must know before it can take fragments: the tracks and the init segment of each
// choice of them. A new description (another size, codec or set of tracks) begins with an
// independent fragment.
struct StreamDescription {
  std::vector<Track> tracks;
  std::vector<InitSegment> init_segments;

  [[nodiscard]] const Track* track(TrackKind kind) const {
    for (const Track& candidate : tracks) {
      if (candidate.kind == kind) return &candidate;
    }
    return nullptr;
  }
};

}  // namespace livestream
