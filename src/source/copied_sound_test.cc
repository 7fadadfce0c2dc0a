#include "source/copied_sound.h"

#include <cmath>
#include <utility>

#include <gtest/gtest.h>

#include "source/encoded_audio.h"

namespace livestream {
namespace {

Packet sample(std::int64_t ms, Bytes data) {
  Sample made;
  made.kind = TrackKind::kAudio;
  made.independent = true;
  made.decode_ms = ms;
  made.data = std::move(data);
  return made;
}

Packet track(Bytes config) {
  Track made;
  made.kind = TrackKind::kAudio;
  made.decoder_config = std::move(config);
  return made;
}

CopiedSound copied(bool may_hold_several = false) {
  return CopiedSound({.track = aac_lc_track(48'000, 2), .may_hold_several = may_hold_several});
}

const Bytes kUnit = {0x21, 1, 2, 3};

TEST(CopiedSound, PassesUnitsOnUnchanged) {
  CopiedSound sound = copied();
  EXPECT_FALSE(sound.has_begun());
  const auto taken = sound.take(sample(1021, kUnit));
  ASSERT_TRUE(taken && taken->size() == 1);
  EXPECT_EQ(std::get<Sample>(taken->front()).data, kUnit);
  EXPECT_EQ(std::get<Sample>(taken->front()).decode_ms, 1021);
  EXPECT_TRUE(sound.has_begun());
}

TEST(CopiedSound, GivesEachFrameOfAPacketItsTime) {
  Bytes packet = kUnit;
  for (int i = 0; i < 2; ++i)
    packet.insert(packet.end(), {0xff, 0xf1, 0x4c, 0x80, 0x01, 0x7f, 0xfc, 0x21, 1, 2, 3});
  CopiedSound sound = copied(true);
  const auto taken = sound.take(sample(1000, packet));
  ASSERT_TRUE(taken && taken->size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& unit = std::get<Sample>(taken->at(i));
    EXPECT_EQ(unit.data, kUnit);
    EXPECT_EQ(unit.decode_ms, 1000 + static_cast<std::int64_t>(i) * 1024 / 48);
  }
}

TEST(CopiedSound, TheSameSoundInOtherWordsIsNotToldAgain) {
  for (const Bytes& config : {Bytes{0x11, 0x90}, Bytes{0x11, 0x90, 0x56, 0xe5, 0x00}}) {
    const auto taken = copied().take(track(config));
    ASSERT_TRUE(taken);
    EXPECT_TRUE(taken->empty());
  }
}

TEST(CopiedSound, AnotherRateOrNumberOfChannelsIsAnotherTrack) {
  CopiedSound sound = copied();
  const auto taken = sound.take(track({0x12, 0x08}));
  ASSERT_TRUE(taken && taken->size() == 1);
  EXPECT_EQ(std::get<Track>(taken->front()), aac_lc_track(44'100, 1));
  EXPECT_EQ(sound.track(), aac_lc_track(44'100, 1));
}

TEST(CopiedSound, SoundThatBrowsersMayNotPlayIsRefused) {
  const Bytes configs[] = {{0x2b, 0x11, 0x88, 0x00},        // HE-AAC
                           {0x13, 0x10, 0x56, 0xe5, 0xa0},  // the same, told behind AAC-LC
                           {0x11, 0xb0},                    // six channels
                           {0x11, 0x94},                    // short frames
                           {0x09, 0x90},                    // AAC Main
                           {0x11}};
  for (const Bytes& config : configs) EXPECT_FALSE(copied().take(track(config)));
}

TEST(CopiedSound, StampsOfAnotherUsualRateAreRefused) {
  const auto plays = [](double frame_ms, bool may_hold_several) {
    CopiedSound sound = copied(may_hold_several);
    for (int i = 0; i < 400; ++i) {
      if (!sound.take(sample(std::llround(i * frame_ms), kUnit))) return false;
    }
    return true;
  };
  EXPECT_TRUE(plays(1024 / 48.0, true));
  EXPECT_FALSE(plays(1024 / 44.1, true));
  EXPECT_FALSE(plays(1024 / 32.0, true));
  EXPECT_TRUE(plays(1024 / 46.0, true)) << "a clock that is wrong";
  EXPECT_TRUE(plays(1024 / 44.1, false)) << "others tell of a change";
}

TEST(CopiedSound, DamageIsLeftOutAndOtherSoundRefused) {
  CopiedSound sound = copied();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) {
      const auto taken = sound.take(sample(1000, {0x01, 2, 3}));
      ASSERT_TRUE(taken);
      EXPECT_TRUE(taken->empty());
    }
    EXPECT_TRUE(sound.take(sample(1000, kUnit)));
  }
  bool refused = false;
  for (int i = 0; i < 5; ++i) refused = !sound.take(sample(1000, {0x01, 2, 3}));
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace livestream
