#include "media/aac.h"

#include <array>

#include <fmt/format.h>

#include "media/bit_reader.h"

namespace livestream {
namespace {

constexpr std::uint32_t kSpectralBandReplication = 5;
constexpr std::uint32_t kParametricStereo = 29;

std::uint32_t read_object_type(BitReader& bits) {
  const std::uint32_t type = bits.bits(5);
  return type == 31 ? 32 + bits.bits(6) : type;
}

std::uint32_t read_sample_rate(BitReader& bits) {
  constexpr std::array<std::uint32_t, 13> kRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                    22050, 16000, 12000, 11025, 8000,  7350};
  const std::uint32_t index = bits.bits(4);
  if (index == 15) return bits.bits(24);
  return index < kRates.size() ? kRates[index] : 0;
}

std::uint32_t channels_of(std::uint32_t channel_configuration) {
  constexpr std::array<std::uint32_t, 16> kChannels = {0, 1, 2, 3, 4, 5, 6, 8,
                                                       0, 0, 0, 7, 8, 0, 8, 0};
  return kChannels[channel_configuration];
}

// program_config_element, §4.4.1.1, up to its list of channels.
std::uint32_t count_program_channels(BitReader& bits) {
  bits.skip(4 + 2 + 4);  // instance tag, object type, sampling frequency index
  const std::uint32_t pairable = bits.bits(4) + bits.bits(4) + bits.bits(4);  // front, side, back
  const std::uint32_t low_frequency = bits.bits(2);
  bits.skip(3 + 4);               // associated data, coupling elements
  if (bits.flag()) bits.skip(4);  // mono mixdown
  if (bits.flag()) bits.skip(4);  // stereo mixdown
  if (bits.flag()) bits.skip(3);  // matrix mixdown
  std::uint32_t channels = low_frequency;
  for (std::uint32_t i = 0; i < pairable; ++i) {
    channels += bits.flag() ? 2 : 1;
    bits.skip(4);
  }
  return channels;
}

}  // namespace

Result<AacConfiguration> read_aac_configuration(ByteView config) {
  BitReader bits(config);
  AacConfiguration configuration;
  configuration.object_type = read_object_type(bits);
  configuration.sample_rate = read_sample_rate(bits);
  const std::uint32_t channel_configuration = bits.bits(4);
  if (configuration.object_type == kSpectralBandReplication ||
      configuration.object_type == kParametricStereo) {
    (void)read_sample_rate(bits);  // after replication
    (void)read_object_type(bits);  // of the core coder
  }
  const bool short_frames = bits.flag();
  if (bits.flag()) bits.skip(14);  // core coder delay
  bits.skip(1);                    // extension flag
  configuration.samples_per_frame = short_frames ? 960 : 1024;
  configuration.channels = channel_configuration == 0 ? count_program_channels(bits)
                                                      : channels_of(channel_configuration);
  if (!bits.ok()) return fail("the AAC configuration is cut short");
  if (configuration.sample_rate == 0 || configuration.channels == 0) {
    return fail("the AAC configuration has impossible values");
  }
  return configuration;
}

std::string aac_codec_string(const AacConfiguration& configuration) {
  return fmt::format("mp4a.40.{}", configuration.object_type);
}

}  // namespace livestream
