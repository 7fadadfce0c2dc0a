#pragma once

#include <optional>

#include "config/encoding_settings.h"
#include "media/track.h"
#include "source/command_facts.h"

namespace livestream {

// How the source's sound is passed through.
struct SoundCopy {
  // As viewers are told of it: the same for each AAC-LC of this rate and number of channels.
  Track track;
  // A packet may hold several frames, each behind an ADTS header.
  bool may_hold_several = false;
  // The stamps are of the arrival, and say nothing of the rate.
  bool stamps_by_arrival = false;
  bool operator==(const SoundCopy&) const = default;
};

// Whether the settings, and what has been learnt, let the sound of a source be passed through.
[[nodiscard]] bool may_copy_sound(const EncodingSettings& encoding, const LearntFacts& learnt);

// AAC-LC of one or two channels, at a rate that browsers play; absent for any other sound.
[[nodiscard]] std::optional<SoundCopy> copy_of_sound(const StreamFacts& sound,
                                                     const InputFacts& input);

// Whether `rate` is about one of the usual rates of sound, and not `told`.
[[nodiscard]] bool is_other_usual_rate(double rate, std::uint32_t told);

// Unset: viewers cannot be told of such a sound. `config` is an AudioSpecificConfig.
[[nodiscard]] std::optional<Track> copied_track(ByteView config);

}  // namespace livestream
