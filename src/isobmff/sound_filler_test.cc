#include "isobmff/sound_filler.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

// Picture and sound on the timeline; silence is put where the filler asks for it.
struct SoundFillerTest : testing::Test {
  SoundFiller filler;
  std::int64_t picture = 0;
  std::int64_t end = 0;  // of the sound
  std::int64_t silence = 0;

  void show(std::int64_t ms, std::int64_t sound_lag = -1, bool is_silent = false) {
    for (const std::int64_t until = picture + ms; picture < until; picture += 33) {
      if (sound_lag >= 0 && picture - sound_lag > end) {
        end = picture - sound_lag;
        filler.on_sound(end, picture);
      } else if (sound_lag >= 0) {
        filler.on_late_sound(picture - sound_lag, picture);
      }
      if (const auto due = filler.due(picture, end, is_silent)) {
        silence += *due - std::max(end, filler.run_start_ms());
        end = *due;
      }
    }
  }
};

TEST_F(SoundFillerTest, LeavesSoundThatTrailsUpToASecondAlone) {
  filler.begin_run(0);
  for (const std::int64_t lag : {0, 100, 500, 900}) show(5'000, lag);
  EXPECT_EQ(silence, 0);
  EXPECT_FALSE(filler.filling());
}

TEST_F(SoundFillerTest, LearnsALagOfUpToTwoSeconds) {
  for (const std::int64_t lag : {1'200, 1'900}) {
    filler.begin_run(picture);
    silence = 0;
    show(20'000, lag);
    EXPECT_LE(silence, lag) << lag;  // at the start only
    EXPECT_FALSE(filler.filling()) << lag;
    EXPECT_EQ(end, picture - 33 - lag) << lag;
  }
}

TEST_F(SoundFillerTest, FillsAtOnceWhereNoSoundWillCome) {
  filler.begin_run(0);
  show(500, -1, true);
  EXPECT_EQ(end, picture - 33);
  show(5'000, 400);
  const std::int64_t before = silence;
  show(3'000, -1, true);
  EXPECT_GE(silence - before, 3'000);
  EXPECT_EQ(end, picture - 33);
  // It is how the source is, not a fault.
  EXPECT_FALSE(filler.sound_is_missing());
}

TEST_F(SoundFillerTest, FillsASecondAfterTheSoundHasStopped) {
  filler.begin_run(0);
  show(5'000, 100);
  show(900);
  EXPECT_EQ(silence, 0);
  show(300);
  EXPECT_TRUE(filler.filling());
  EXPECT_FALSE(filler.sound_is_missing());
  show(2'000);
  EXPECT_TRUE(filler.sound_is_missing());
  EXPECT_GE(end, picture - 33 - 100);
  EXPECT_LT(end, picture);
}

TEST_F(SoundFillerTest, StopsWhenTheSoundIsBackWhereItWas) {
  filler.begin_run(0);
  show(5'000, 400);
  show(5'000);
  show(200, 400);
  EXPECT_FALSE(filler.filling());
  EXPECT_FALSE(filler.sound_is_missing());
  EXPECT_EQ(end, picture - 33 - 400);
}

TEST_F(SoundFillerTest, FillsFromTheBeginningOfTheRunOnly) {
  end = 3'000;
  picture = 60'000;
  filler.begin_run(60'000);
  show(5'000);
  EXPECT_GE(silence, 4'900);
  EXPECT_LE(silence, 5'000);
}

}  // namespace
}  // namespace livestream
