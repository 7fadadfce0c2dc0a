#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/source_settings.h"
#include "config/video_size.h"
#include "source/command_facts.h"
#include "source/input_facts.h"

namespace livestream {

struct ChosenTrack {
  // For ffmpeg's -map.
  std::string map;
  // All unset while the input is not known.
  StreamFacts stream;
  bool operator==(const ChosenTrack&) const = default;
};

struct TrackChoice {
  // Unset: the source has none that can be played.
  std::optional<ChosenTrack> picture;
  std::optional<ChosenTrack> sound;
  // Sentences for the user: each thing of the source that is not played, and why.
  std::vector<std::string> notes;
};

// The picture and the sound of the source that are played. The picture comes first: nothing about
// the sound keeps it from being played. Sound is taken from the programme of the picture. Pure. A
// source that is not known yet is taken to have one of each; the choice that a plain source leads
// to has the same `map` texts, so that its command does not change when it becomes known. A setting
// that the source cannot meet is noted, and the choice is made without it. `size` is
// VIDEO_RESOLUTION, which a variant need not exceed.
[[nodiscard]] TrackChoice choose_tracks(const InputFacts& input, const LearntFacts& learnt,
                                        const SourceSettings& settings,
                                        const std::optional<VideoSize>& size);

}  // namespace livestream
