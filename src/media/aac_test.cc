#include "media/aac.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

void expect(const Bytes& config, std::uint32_t rate, std::uint32_t channels, const char* codec,
            std::uint32_t samples = 1024) {
  const Result<AacConfiguration> configuration = read_aac_configuration(config);
  ASSERT_TRUE(configuration) << configuration.error().message;
  EXPECT_EQ(configuration->sample_rate, rate);
  EXPECT_EQ(configuration->channels, channels);
  EXPECT_EQ(configuration->samples_per_frame, samples);
  EXPECT_EQ(aac_codec_string(*configuration), codec);
}

TEST(AacConfiguration, ReadsLowComplexity) {
  expect({0x12, 0x10}, 44100, 2, "mp4a.40.2");
  expect({0x11, 0x90}, 48000, 2, "mp4a.40.2");
  expect({0x15, 0x88}, 8000, 1, "mp4a.40.2");
  expect({0x11, 0xb8}, 48000, 8, "mp4a.40.2");
}

TEST(AacConfiguration, ReadsWhatFollowsAsFfmpegWritesIt) {
  expect({0x12, 0x10, 0x56, 0xe5, 0x00}, 44100, 2, "mp4a.40.2");
}

TEST(AacConfiguration, ReadsShortFrames) { expect({0x12, 0x14}, 44100, 2, "mp4a.40.2", 960); }

TEST(AacConfiguration, ReadsAnExplicitSampleRate) {
  // 00010 1111 (24 bits: 12345) 0001 000
  const std::uint64_t bits = (std::uint64_t{0x2f} << 31 | std::uint64_t{12345} << 7 | 1 << 3) << 0;
  Bytes config;
  for (int shift = 32; shift >= 0; shift -= 8) {
    config.push_back(static_cast<std::uint8_t>(bits >> shift));
  }
  expect(config, 12345, 1, "mp4a.40.2");
}

TEST(AacConfiguration, CountsFramesOfHighEfficiencyAtTheCoreRate) {
  // 00101 0111 (22050) 0010, then 0100 (44100) 00010 000
  expect({0x2b, 0x92, 0x08, 0x00}, 22050, 2, "mp4a.40.5");
  // 11101 0110 (24000) 0001, then 0011 (48000) 00010 000
  expect({0xeb, 0x09, 0x88, 0x00}, 24000, 1, "mp4a.40.29");
}

TEST(AacConfiguration, CountsTheChannelsOfAProgram) {
  // 00010 0100 0000 000; tag 0, LC, 44100; one front, side 0, one back, one LFE, nothing else; no
  // mixdowns; a front pair, a back pair:
  // 0000 01 0100 0001 0000 0001 01 000 0000 0 0 0 1 0000 1 0000
  expect({0x12, 0x00, 0x05, 0x04, 0x05, 0x00, 0x21, 0x00}, 44100, 5, "mp4a.40.2");
}

TEST(AacConfiguration, IsRefusedWhenCutShortOrImpossible) {
  EXPECT_FALSE(read_aac_configuration({}));
  EXPECT_FALSE(read_aac_configuration(Bytes{0x12}));
  EXPECT_FALSE(read_aac_configuration(Bytes{0x17, 0x10}));        // reserved frequency
  EXPECT_FALSE(read_aac_configuration(Bytes{0x12, 0x48}));        // reserved channels
  EXPECT_FALSE(read_aac_configuration(Bytes{0x12, 0x00, 0x05}));  // half a program
  EXPECT_FALSE(read_aac_configuration(Bytes{0x2b, 0x92}));
}

TEST(AacConfiguration, SurvivesEveryPairOfBytes) {
  for (int value = 0; value < 0x10000; ++value) {
    Bytes config(12, static_cast<std::uint8_t>(value));
    config[0] = static_cast<std::uint8_t>(value >> 8);
    const Result<AacConfiguration> configuration = read_aac_configuration(config);
    if (!configuration) continue;
    EXPECT_GT(configuration->sample_rate, 0U);
    EXPECT_GT(configuration->channels, 0U);
  }
}

}  // namespace
}  // namespace livestream
