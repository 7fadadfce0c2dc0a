#include "source/sound_copy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "media/aac.h"
#include "source/encoded_audio.h"

namespace livestream {
namespace {

// The rates that all browsers play on all systems.
constexpr std::array<std::uint32_t, 7> kRates = {48'000, 44'100, 32'000, 24'000,
                                                 22'050, 16'000, 8'000};

bool is_played(std::uint32_t sample_rate, std::uint32_t channels) {
  const bool has_rate = std::find(kRates.begin(), kRates.end(), sample_rate) != kRates.end();
  return has_rate && (channels == 1 || channels == 2);
}

}  // namespace

bool may_copy_sound(const EncodingSettings& encoding, const LearntFacts& learnt) {
  return encoding.audio_codec == AudioCodec::kAuto && !encoding.audio_bitrate_bps &&
         !learnt.encodes_sound;
}

std::optional<SoundCopy> copy_of_sound(const StreamFacts& sound, const InputFacts& input) {
  if (!sound.is_aac_lc || !is_played(sound.sample_rate, sound.placed_channels)) return {};
  // ffmpeg reads a live MPEG-TS without a parser, which would split the frames.
  return SoundCopy{.track = aac_lc_track(sound.sample_rate, sound.placed_channels),
                   .may_hold_several = input.is_format("mpegts")};
}

bool is_other_usual_rate(double rate, std::uint32_t told) {
  constexpr double kTolerance = 0.01;
  return std::any_of(kRates.begin(), kRates.end(), [&](std::uint32_t usual) {
    return usual != told && std::abs(rate / usual - 1) < kTolerance;
  });
}

std::optional<Track> copied_track(ByteView config) {
  const Result<AacConfiguration> read = read_aac_configuration(config);
  if (!read || read->object_type != kAacLowComplexity || read->replicates_spectrum ||
      read->samples_per_frame != kAacFrameSamples || !is_played(read->sample_rate, read->channels))
    return {};
  return aac_lc_track(read->sample_rate, read->channels);
}

}  // namespace livestream
