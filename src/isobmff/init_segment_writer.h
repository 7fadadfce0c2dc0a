#pragma once

#include <span>
#include <vector>

#include "media/fragment.h"

namespace livestream {

// ftyp + moov for fragments of `tracks` (ISO/IEC 14496-12 §4.3, §8.2 and §8.8.1; sample entries
// after ISO/IEC 14496-15 §5.4 and 14496-14 §6.7). All durations are 0: the stream has no end, and
// that is what puts Chromium into its low-delay mode. The codec string lists video first. With
// `leaves_out_sound` a mark says that the stream has sound beside these tracks, so that a player
// can offer it.
[[nodiscard]] InitSegment write_init_segment(std::span<const Track> tracks,
                                             bool leaves_out_sound = false);

// The tracks together with one init segment per choice that a viewer has: all of them, and the
// video alone where there is also audio.
[[nodiscard]] StreamDescription describe(std::vector<Track> tracks);

}  // namespace livestream
