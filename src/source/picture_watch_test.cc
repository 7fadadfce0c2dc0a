#include "source/picture_watch.h"

#include <chrono>

#include <gtest/gtest.h>

namespace livestream {
namespace {

using namespace std::chrono_literals;
using Verdict = PictureWatch::Verdict;

const SteadyTime kBegin = SteadyTime(1h);

// A source with a picture each `gap`; the last one comes at the time returned.
SteadyTime give(PictureWatch& watch, int pictures, std::chrono::milliseconds gap) {
  SteadyTime now = kBegin;
  for (int i = 0; i < pictures; ++i, now += gap) watch.on_picture(now);
  return now - gap;
}

TEST(PictureWatch, ASourceMayTakeLongForItsFirstPacketAndLongerForItsFirstPicture) {
  const Patience patience;
  PictureWatch watch(patience, kBegin);
  EXPECT_EQ(watch.verdict(kBegin + 14s, {}), Verdict::kFlowing);
  EXPECT_EQ(watch.verdict(kBegin + 15s, {}), Verdict::kStalled);
  watch.on_input();
  EXPECT_EQ(watch.verdict(kBegin + 26s, {}), Verdict::kFlowing) << "a GOP of 25 s";
  EXPECT_EQ(watch.verdict(kBegin + 40s, {}), Verdict::kStalled);
}

TEST(PictureWatch, ACameraOf25PicturesASecondIsMissedAfterTwoAndGivenUpAfterFive) {
  PictureWatch watch({}, kBegin);
  const SteadyTime last = give(watch, 50, 40ms);
  EXPECT_EQ(watch.verdict(last + 1900ms, {}), Verdict::kFlowing);
  EXPECT_EQ(watch.verdict(last + 2s, {}), Verdict::kSilent);
  EXPECT_EQ(watch.verdict(last + 5s, {}), Verdict::kStalled);
  EXPECT_EQ(watch.silent_for(last + 5s), 5s);
}

TEST(PictureWatch, ASlowSourceIsStillNotGone) {
  for (const auto gap : {1s, 3s, 10s, 30s}) {
    PictureWatch watch({}, kBegin);
    const SteadyTime last = give(watch, 4, gap);
    EXPECT_EQ(watch.verdict(last + gap + 500ms, {}), Verdict::kStill) << gap.count();
    EXPECT_EQ(watch.verdict(last + std::max<std::chrono::seconds>(5s, 3 * gap), {}),
              Verdict::kStalled)
        << gap.count();
  }
}

TEST(PictureWatch, BeforeTheRhythmIsKnownASourceMayBeSlow) {
  PictureWatch watch({}, kBegin);
  watch.on_picture(kBegin);
  EXPECT_EQ(watch.verdict(kBegin + 12s, {}), Verdict::kStill);
  watch.on_picture(kBegin + 12s);
  EXPECT_EQ(watch.verdict(kBegin + 22s, {}), Verdict::kStill);
}

TEST(PictureWatch, RepeatsOfOnePictureAreOnePicture) {
  PictureWatch watch({}, kBegin);
  for (int picture = 0; picture < 4; ++picture) {
    for (int repeat = 0; repeat < 30; ++repeat)
      watch.on_picture(kBegin + picture * 10s + repeat * 1ms);
  }
  EXPECT_EQ(watch.verdict(kBegin + 38s, {}), Verdict::kStill);
}

TEST(PictureWatch, WhileSoundGoesOnThePictureStands) {
  PictureWatch watch({}, kBegin);
  const SteadyTime last = give(watch, 50, 40ms);
  EXPECT_EQ(watch.verdict(last + 400ms, last + 390ms), Verdict::kFlowing);
  EXPECT_EQ(watch.verdict(last + 1s, last + 990ms), Verdict::kStill);
  EXPECT_EQ(watch.verdict(last + 29s, last + 29s), Verdict::kStill);
  EXPECT_EQ(watch.verdict(last + 29s, last + 20s), Verdict::kStalled);
}

TEST(PictureWatch, ACameraWhosePictureStopsBesideItsSoundHasStalled) {
  PictureWatch watch({}, kBegin);
  const SteadyTime last = give(watch, 50, 40ms);
  EXPECT_EQ(watch.verdict(last + 30s, last + 30s), Verdict::kStalled);
}

TEST(PictureWatch, ASlowOrStillPictureBesideSoundStands) {
  PictureWatch slow({}, kBegin);
  const SteadyTime last = give(slow, 50, 5s);
  EXPECT_EQ(slow.verdict(last + 10min, last + 10min), Verdict::kStill);
  PictureWatch new_one({}, kBegin);
  const SteadyTime third = give(new_one, 3, 40ms);
  EXPECT_EQ(new_one.verdict(third + 10min, third + 10min), Verdict::kStill);
  PictureWatch file({.unlimited = true}, kBegin);
  const SteadyTime end = give(file, 50, 40ms);
  EXPECT_EQ(file.verdict(end + 10min, end + 10min), Verdict::kStill);
}

TEST(PictureWatch, AFileCannotStall) {
  PictureWatch watch({.unlimited = true}, kBegin);
  EXPECT_EQ(watch.verdict(kBegin + 1h, {}), Verdict::kFlowing);
  const SteadyTime last = give(watch, 50, 40ms);
  EXPECT_EQ(watch.verdict(last + 1h, {}), Verdict::kStill);
}

TEST(PictureWatch, ARecordingThatPausesIsPardoned) {
  PictureWatch watch({}, kBegin);
  const SteadyTime last = give(watch, 50, 40ms);
  watch.pardon(last + 10s);
  EXPECT_EQ(watch.verdict(last + 11s, {}), Verdict::kFlowing);
}

}  // namespace
}  // namespace livestream
