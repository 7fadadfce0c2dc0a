#pragma once

#include <cstdint>
#include <vector>

#include "config/source_settings.h"
#include "source/ffmpeg_info.h"
#include "source/input_facts.h"

namespace livestream {

// Facts about a source and about this ffmpeg that only trying shows, beside the description that
// ffmpeg gives of its input. The values at the start are the optimistic ones. They outlive a run.
struct LearntFacts {
  // This ffmpeg has the drawtext filter and a font.
  bool draws_text = true;
  // Each packet of an MPEG-TS holds one picture, so that it can be read without a parser.
  bool whole_pictures = true;
  // The source's stamps do not keep time.
  bool stamps_lose_time = false;
  // This ffmpeg can hand over pictures of another shape (source/shape_relay.h).
  bool relays_shapes = true;
  // The RTSP source's tracks are not in its description: they show in the media (MPEG-TS in RTP).
  bool tracks_come_late = false;
  // The picture's size is not told before a keyframe that comes late.
  bool size_comes_late = false;
  // The sound is AAC-LC by its description, and cannot be passed through as it is.
  bool encodes_sound = false;
  // The picture's frames a second, as an earlier run found and kept them; 0: not known. Passed
  // through, it needs a rate, which takes 20 pictures to find out.
  double frame_rate = 0;
  // For RTSP_TRANSPORT=auto.
  RtspTransport rtsp_transport = RtspTransport::kTcp;
  // Streams that could not be decoded or converted, as they were described.
  std::vector<StreamFacts> unplayable;

  bool operator==(const LearntFacts&) const = default;
};

// The container of a growing file, which ffmpeg is told to expect on its standard input.
enum class GrowingContainer : std::uint8_t { kMatroska, kMpegTs, kMp4 };

// The facts that decide about the command besides the settings and the SourceSpec; they are found
// out while the source is played.
struct CommandFacts {
  InputFacts input;
  LearntFacts learnt;
  FfmpegInfo ffmpeg;
  GrowingContainer container = GrowingContainer::kMatroska;
};

}  // namespace livestream
