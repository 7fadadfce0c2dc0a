#include "media/aac.h"

#include <algorithm>
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

constexpr std::uint32_t kSyncExtension = 0x2b7;
constexpr std::uint32_t kMostImplicitRate = 24'000;
// id_syn_ele, §4.5.2.1.
constexpr std::uint32_t kSingleChannel = 0;
constexpr std::uint32_t kChannelPair = 1;
constexpr std::uint32_t kDataStream = 4;
constexpr std::uint32_t kFill = 6;

constexpr std::array<std::uint32_t, 13> kRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                  22050, 16000, 12000, 11025, 8000,  7350};

std::uint32_t read_sample_rate(BitReader& bits) {
  const std::uint32_t index = bits.bits(4);
  return index == 15 ? bits.bits(24) : aac_sample_rate(index);
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
  if (configuration.object_type == kAacLowComplexity && channel_configuration != 0) {
    configuration.replicates_spectrum = bits.bits(11) == kSyncExtension &&
                                        read_object_type(bits) == kSpectralBandReplication &&
                                        bits.flag();
  }
  return configuration;
}

Bytes aac_lc_configuration(std::uint32_t sample_rate, std::uint32_t channels) {
  const auto found = std::find(kRates.begin(), kRates.end(), sample_rate);
  const auto index = static_cast<std::uint32_t>(found - kRates.begin());
  const std::uint32_t bits = kAacLowComplexity << 11 | index << 7 | channels << 3;
  const auto high = static_cast<std::uint8_t>(bits >> 8);
  const auto low = static_cast<std::uint8_t>(bits);
  if (sample_rate <= kMostImplicitRate) return {high, low};
  return {high, low, 0x56, 0xe5, 0x00};
}

std::uint32_t aac_sample_rate(std::uint32_t index) {
  return index < kRates.size() ? kRates[index] : 0;
}

bool may_be_aac_unit(ByteView unit, std::uint32_t channels) {
  if (unit.size() < 2) return false;
  const std::uint32_t element = unit[0] >> 5;
  const std::uint32_t wanted = channels == 1 ? kSingleChannel : kChannelPair;
  return element == wanted || element == kDataStream || element == kFill;
}

std::string aac_codec_string(const AacConfiguration& configuration) {
  return fmt::format("mp4a.40.{}", configuration.object_type);
}

}  // namespace livestream
