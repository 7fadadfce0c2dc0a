#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/command_facts.h"
#include "source/pacer.h"
#include "source/sound_copy.h"
#include "source/source_spec.h"
#include "source/track_choice.h"

namespace livestream {

// The command of one run, and what its owner must know of the run.
struct FfmpegCommand {
  // The whole argument vector, program first: the source in, FLV (H.264 and AAC) out on descriptor
  // 1, or the AAC on descriptor 4 if `sound_apart`, progress on descriptor 3, the log on descriptor
  // 2, the bytes of a growing file or of the carrier on descriptor 0, if `relays_shapes` the relay
  // of uncoded pictures (source/shape_relay.h) on descriptor 5, and if `tries_copy` the source's
  // own sound on descriptor 6, where FLV can have it. Of the user's text only checked numbers reach
  // a filter; paths are `file:` URLs, and each source may use its own protocols only.
  std::vector<std::string> arguments;
  // The argument vector of the ffmpeg that fetches the source, byte by byte, for this one's
  // descriptor 0 (SourceCarrier); empty: this one fetches it itself.
  std::vector<std::string> carrier;
  TrackChoice tracks;
  // How the output is paced.
  Pacer::Pace pace = Pacer::Pace::kAsItComes;
  // The source's own video is passed through (VIDEO_CODEC=copy, and there is one).
  bool copies_video = false;
  // The sound has an output of its own, so that no track waits for the other: in a common output
  // each packet is held until the other track's next one has come.
  bool sound_apart = false;
  // The sound is encoded, and passed through as well: which of the two can be used shows when the
  // input is described.
  bool tries_copy = false;
  // The sound is passed through.
  std::optional<SoundCopy> sound_copy;
  // A picture of another shape does not go through the encoder of this run.
  bool relays_shapes = false;
  // The source comes in bursts of a segment (HLS, DASH): by its description, or by its address
  // while it is not described.
  bool segmented = false;
  // The source's stamps are not used: its pictures are stamped when they arrive.
  bool stamps_by_arrival = false;
};

// Pure. With facts that are not known yet the command is that of a plain source, with one picture
// and one sound; it stays the same when the source turns out to be one.
[[nodiscard]] FfmpegCommand ffmpeg_command(const SourceSettings& settings,
                                           const EncodingSettings& encoding,
                                           const SourceSpec& source, const CommandFacts& facts);

// The same with the sound in both ways, as if the source were not known yet, where the sound may be
// passed through.
[[nodiscard]] FfmpegCommand command_with_both_sounds(const SourceSettings& settings,
                                                     const EncodingSettings& encoding,
                                                     const SourceSpec& source,
                                                     const CommandFacts& facts);

// Why the video that the command passes through is not H.264, in words for users; empty if it is,
// or if nothing is passed through. Pure.
[[nodiscard]] std::string refusal_of_copy(const FfmpegCommand& command);

}  // namespace livestream
