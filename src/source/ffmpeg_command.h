#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/ffmpeg_info.h"
#include "source/input_facts.h"
#include "source/pacer.h"
#include "source/source_spec.h"

namespace livestream {

// How a growing file is packed: what ffmpeg is told to expect on its standard input.
enum class GrowingContainer : std::uint8_t { kMatroska, kMpegTs, kMp4 };

// Everything that decides about the command besides the settings and SourceSpec; learnt while it
// runs.
struct CommandFacts {
  InputFacts input;
  FfmpegInfo ffmpeg;
  GrowingContainer container = GrowingContainer::kMatroska;
};

// The whole argument vector, program first: source in, FLV (H.264 and AAC) out on descriptor 1, the
// AAC on descriptor 4 where `sound_apart`, progress on descriptor 3, log on descriptor 2, a growing
// file's bytes on descriptor 0. Pure. Of
// what the user typed only checked numbers reach a filter; paths are `file:` URLs and every source
// may use its own protocols only.
[[nodiscard]] std::vector<std::string> ffmpeg_command(const SourceSettings& settings,
                                                      const EncodingSettings& encoding,
                                                      const SourceSpec& source,
                                                      const CommandFacts& facts);

// Whether the source's own video is passed through (VIDEO_CODEC=copy, and there is one).
[[nodiscard]] bool copies_video(const EncodingSettings& encoding, const SourceSpec& source,
                                const InputFacts& input);

// Whether the sound gets an output of its own, so that no track waits for the other: in a common
// one each packet is held until the other track's next has come.
[[nodiscard]] bool sound_apart(const SourceSettings& settings, const SourceSpec& source,
                               const InputFacts& input);

// How the output of this source is paced.
[[nodiscard]] Pacer::Pace pace_of(const SourceSpec& source, const InputFacts& input);

}  // namespace livestream
