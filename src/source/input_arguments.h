#pragma once

#include <string>
#include <vector>

#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/command_facts.h"
#include "source/pacer.h"
#include "source/source_spec.h"
#include "source/track_choice.h"

namespace livestream {

// All that decides about the input side of a command. Borrowed for the call.
struct InputOrder {
  const SourceSettings& settings;
  const EncodingSettings& encoding;
  const SourceSpec& source;
  const CommandFacts& facts;
  const TrackChoice& tracks;
  Pacer::Pace pace;
  bool copies_video;
  bool stamps_by_arrival;
};

// The command of the ffmpeg that fetches the source for another one (SourceCarrier); empty where
// the other one fetches it itself.
[[nodiscard]] std::vector<std::string> carrier_arguments(const InputOrder& order);

// Everything up to the last `-i`, the microphone beside a camera and the demo's tone included.
void append_input(std::vector<std::string>& arguments, const InputOrder& order);

// Whether append_input gives the sound in an input of its own, the second one.
[[nodiscard]] bool has_second_input(const SourceSettings& settings, const SourceSpec& source);

// As ffmpeg takes it: 1280x720.
[[nodiscard]] std::string size_text(const VideoSize& size);

}  // namespace livestream
