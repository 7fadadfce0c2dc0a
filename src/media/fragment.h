#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/shared_bytes.h"
#include "media/media_time.h"
#include "media/track.h"

namespace livestream {

// The number by which clients know a fragment or message (mfhd, emsg, ?after=). Every other number
// is left out, because VLC reads a track's decode times only where the numbers have a gap, and
// plays no sound without one.
[[nodiscard]] constexpr std::uint64_t public_number(std::uint64_t sequence) { return 2 * sequence; }
// The sequence number of the newest fragment whose public number is not above `number`.
[[nodiscard]] constexpr std::uint64_t sequence_of(std::uint64_t number) { return number / 2; }

// One moof + mdat of one track, optionally after a prft; or one emsg box (track kMessageTrackId).
// The smallest thing that is ever sent, skipped or stored.
struct Fragment {
  // Counts the fragments and messages of all tracks of the stream, from 1.
  std::uint64_t sequence = 0;
  std::uint32_t track_id = kVideoTrackId;
  // A viewer may start here.
  bool independent = false;
  // On the stream's timeline.
  MediaTime decode_time;
  MediaTime duration;
  // Time at which the server received its last frame.
  SteadyTime arrived{};
  SharedBytes bytes;
};

// ftyp + moov for one choice of tracks.
struct InitSegment {
  TrackSelection selection;
  // Value of the `codecs` parameter of video/mp4, e.g. "avc1.42C01F,mp4a.40.2".
  std::string codecs;
  SharedBytes bytes;
};

// The data that a decoder needs before the first fragment: the tracks, and the init segment of each
// choice of tracks. A new description (another size, codec or set of tracks) begins with an
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
