#include "isobmff/timeline.h"

#include <cstdlib>
#include <utility>

#include <gtest/gtest.h>

namespace livestream {
namespace {

using std::chrono::milliseconds;

// A timeline with a clock that the test moves.
struct TimelineTest : testing::Test {
  Timeline timeline;
  Timeline::Place video;
  Timeline::Place audio;
  SteadyTime now{std::chrono::hours(1000)};

  void pass(std::int64_t ms) { now += milliseconds(ms); }
  // Absent: the sample is dropped.
  std::optional<std::int64_t> place(Timeline::Place& track, std::int64_t container_ms) {
    const auto role = &track == &audio ? Timeline::Role::kFollows : Timeline::Role::kLeads;
    return timeline.place_ms(track, role, container_ms, now);
  }
  // As a fragmenter does with a frame of 33 ms.
  std::int64_t publish(Timeline::Place& track, std::int64_t container_ms) {
    const std::optional<std::int64_t> ms = place(track, container_ms);
    EXPECT_TRUE(ms) << container_ms;
    timeline.published_until(Timeline::Role::kLeads, {ms.value_or(0) + 33, 1000});
    return ms.value_or(0);
  }
  // Both tracks in real time, the sound's stamps `sound_ms` away from the picture's.
  void play(std::int64_t from_ms, std::int64_t duration_ms, std::int64_t sound_ms) {
    for (std::int64_t ms = 0; ms < duration_ms; ms += 33) {
      publish(video, from_ms + ms);
      sound_at = place(audio, from_ms + ms + sound_ms);
      picture_at = from_ms + ms;
      pass(33);
    }
  }
  std::optional<std::int64_t> sound_at;  // the last one's place
  std::int64_t picture_at = 0;
};

TEST_F(TimelineTest, NumbersFragmentsFromOne) {
  EXPECT_EQ(timeline.next_sequence(), 1U);
  EXPECT_EQ(timeline.next_sequence(), 2U);
}

TEST_F(TimelineTest, PaddingOfTheSoundDoesNotDelayTheNextRun) {
  timeline.begin_run(now);
  publish(video, 0);
  timeline.published_until(Timeline::Role::kFollows, {34 + 40, 1000});
  timeline.begin_run(now);
  EXPECT_EQ(publish(video, 0), 34);
  timeline.published_until(Timeline::Role::kFollows, {68 + 60, 1000});
  timeline.begin_run(now);
  EXPECT_EQ(publish(video, 0), 129);
}

TEST_F(TimelineTest, JoinsARunThatBeginsALittleLate) {
  timeline.begin_run(now);
  publish(video, 0);
  pass(34 + 40);
  timeline.begin_run(now);
  EXPECT_EQ(publish(video, 0), 34);
  pass(34 + 41);
  timeline.begin_run(now);
  EXPECT_EQ(publish(video, 0), 34 + 40 + 34 + 41);
}

TEST_F(TimelineTest, BeginsWithTheFirstRun) {
  timeline.begin_run(now);
  pass(200);
  EXPECT_EQ(publish(video, 5000), 200);
  EXPECT_EQ(publish(audio, 4990), 190);
  pass(33);
  EXPECT_EQ(publish(video, 5033), 233);
}

TEST_F(TimelineTest, KeepsTheContainersTimeHoweverItArrives) {
  timeline.begin_run(now);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(publish(video, 33 * i), 33 * i);  // a burst
  pass(10'000);
  EXPECT_EQ(publish(video, 3300), 3300);  // was held up
}

TEST_F(TimelineTest, CountsTimeWithoutASourceAsAGap) {
  timeline.begin_run(now);
  publish(video, 0);
  pass(60'000);
  timeline.begin_run(now);
  pass(500);
  EXPECT_EQ(publish(video, 0), 60'500);
}

TEST_F(TimelineTest, NeverBeginsARunBeforeTheEndOfTheLast) {
  timeline.begin_run(now);
  for (int i = 0; i < 300; ++i) publish(video, 33 * i);  // ten seconds at once
  pass(100);
  timeline.begin_run(now);
  EXPECT_GE(publish(video, 0), 33 * 300);
  EXPECT_LE(publish(video, 33), 33 * 301 + 2);
}

TEST_F(TimelineTest, TakesOutAJumpBackForBothTracksAlike) {
  timeline.begin_run(now);
  for (int i = 0; i < 100; ++i) {
    publish(video, 33 * i);
    publish(audio, 33 * i + 10);
    pass(33);
  }
  const std::int64_t first = publish(video, 0);
  EXPECT_GE(first, 3300);
  EXPECT_LE(first, 3350);
  EXPECT_EQ(place(audio, 33 * 100 + 10), 3310);  // still from before the jump
  EXPECT_EQ(place(audio, 5), first + 5);
  EXPECT_EQ(place(video, 33), first + 33);
}

// The interleaving may show a break in the sound first: its samples wait for the picture's.
TEST_F(TimelineTest, DropsSoundThatBreaksBeforeThePicture) {
  timeline.begin_run(now);
  for (const std::int64_t there : {std::int64_t{0}, std::int64_t{5'000'000}}) {
    play(10'000, 3'000, 0);
    const std::uint64_t dropped = timeline.dropped();
    EXPECT_FALSE(place(audio, there));
    EXPECT_FALSE(place(audio, there + 23));
    EXPECT_EQ(timeline.dropped(), dropped + 2);
    const std::int64_t first = publish(video, there);
    EXPECT_EQ(place(audio, there + 46), first + 46);
    timeline.begin_run(now);
  }
  EXPECT_FALSE(timeline.take_correction());
}

TEST_F(TimelineTest, NeverMovesTheSoundToMakeOneSampleFit) {
  timeline.begin_run(now);
  play(0, 1'000, 0);
  for (const std::int64_t odd : {-700, -3'600'000, 7'000, 3'600'000}) {
    EXPECT_FALSE(place(audio, 1'000 + odd)) << odd;
    EXPECT_EQ(place(audio, 1'000), 1'000) << odd;
  }
  EXPECT_EQ(timeline.dropped(), 4U);
}

TEST_F(TimelineTest, LetsStampsJitter) {
  timeline.begin_run(now);
  play(0, 1'000, 0);
  for (const std::int64_t jitter : {200, -200, 150, -180, 0})
    EXPECT_EQ(place(audio, 1'000 + jitter), 1'000 + jitter);
}

TEST_F(TimelineTest, KeepsADistanceThatIsNotFar) {
  for (const std::int64_t distance : {-1'900, -500, 500, 1'900}) {
    timeline.begin_run(now);
    play(2'000, 10'000, distance);
    ASSERT_TRUE(sound_at) << distance;
    EXPECT_FALSE(timeline.take_correction()) << distance;
  }
  // Sound from before the run's first picture.
  EXPECT_LE(timeline.dropped(), 1'900U / 33);
}

TEST_F(TimelineTest, CorrectsAFarDistanceThatLastsOnce) {
  for (const std::int64_t distance : {-2'500, -8'000, -36'000'000, 3'000, 36'000'000}) {
    Timeline fresh;
    std::swap(timeline, fresh);
    video = {};
    audio = {};
    timeline.begin_run(now);
    play(40'000'000, 12'000, distance);
    ASSERT_TRUE(sound_at) << distance;
    EXPECT_LE(std::abs(*sound_at - (picture_at - 40'000'000)), 40) << distance;
    const auto correction = timeline.take_correction();
    ASSERT_TRUE(correction) << distance;
    EXPECT_LE(std::abs(correction->count() + distance), 40);
    EXPECT_FALSE(timeline.take_correction());
  }
}

TEST_F(TimelineTest, FollowsASoundClockThatIsWrongWithOneWord) {
  timeline.begin_run(now);
  int words = 0;
  std::optional<std::int64_t> last;
  for (std::int64_t ms = 0; ms < 120'000; ms += 20) {
    const std::int64_t picture = publish(video, ms);
    last = place(audio, ms * 9 / 10);
    pass(20);
    ASSERT_TRUE(last) << ms;
    ASSERT_GT(*last, picture - 2'400);
    if (timeline.take_correction()) ++words;
  }
  EXPECT_EQ(words, 1);
}

TEST_F(TimelineTest, TakesABurstThatTrailsForNoDistance) {
  timeline.begin_run(now);
  for (std::int64_t burst = 0; burst < 3; ++burst) {
    const std::int64_t from = burst * 10'000;
    for (std::int64_t ms = 0; ms < 10'000; ms += 33, pass(33)) publish(video, from + ms);
    for (std::int64_t ms = 0; ms < 10'000; ms += 23) publish(audio, from + ms);
  }
  EXPECT_FALSE(timeline.take_correction());
}

TEST_F(TimelineTest, BeginsARunAfterTheLongerTrack) {
  timeline.begin_run(now);
  for (std::int64_t ms = 0; ms < 4'000; ms += 33) {
    publish(video, ms);
    publish(audio, ms);
  }
  publish(audio, 5'000);
  timeline.begin_run(now);
  const std::int64_t first = publish(video, 0);
  EXPECT_GE(first, 5'033);
  EXPECT_LE(first, 5'035);
  EXPECT_EQ(publish(audio, 5), first + 5);
}

// FLV and RTMP count milliseconds in 31 or 32 bits; readers unwrap them.
TEST_F(TimelineTest, GoesOverTheWrapOfA31BitClock) {
  timeline.begin_run(now);
  const std::int64_t wrap = std::int64_t{1} << 31;
  play(wrap - 2'000, 2'000, 0);
  const std::int64_t before = *sound_at;
  play(wrap, 2'000, 0);
  EXPECT_LE(std::abs(*sound_at - (before + 2'000)), 40);
  play(-wrap, 2'000, 0);  // not unwrapped: a break of both tracks
  EXPECT_LE(std::abs(*sound_at - (before + 4'000)), 80);
  EXPECT_EQ(timeline.dropped(), 0U);
}

TEST_F(TimelineTest, LetsAJumpBackAfterSilenceLastAsLongAsTheSilence) {
  timeline.begin_run(now);
  publish(video, 90'000);
  pass(8'000);
  EXPECT_EQ(publish(video, 0), 8'000);
}

TEST_F(TimelineTest, TakesOutALeapThatTheClockDoesNotConfirm) {
  timeline.begin_run(now);
  publish(video, 0);
  publish(audio, 0);
  pass(33);
  const std::int64_t ms = publish(video, 1'000'000);
  EXPECT_LE(ms, 100);
  pass(33);
  EXPECT_EQ(publish(audio, 1'000'020), ms + 20);
}

TEST_F(TimelineTest, KeepsALeapThatTheClockConfirms) {
  timeline.begin_run(now);
  publish(video, 0);
  pass(60'000);
  EXPECT_EQ(publish(video, 60'000), 60'000);
}

TEST_F(TimelineTest, KeepsASparseTrackBesideADenseOne) {
  timeline.begin_run(now);
  publish(video, 0);
  for (int i = 0; i < 1000; ++i) publish(audio, 23 * i);  // arrives as a burst
  EXPECT_EQ(publish(video, 22'000), 22'000);
}

TEST_F(TimelineTest, ToleratesAShakyClock) {
  timeline.begin_run(now);
  publish(video, 1000);
  EXPECT_EQ(publish(video, 980), -20);
  EXPECT_EQ(publish(video, 1033), 33);
}

TEST_F(TimelineTest, GoesOnForAYear) {
  timeline.begin_run(now);
  const std::int64_t year_ms = std::int64_t{365} * 86'400'000;
  constexpr std::int64_t kHourMs = 3'600'000;
  std::int64_t last = -1;
  for (std::int64_t ms = 0; ms < year_ms; ms += kHourMs) {
    const std::int64_t placed = publish(video, ms);
    ASSERT_EQ(placed, ms);
    ASSERT_GT(placed, last);
    last = placed;
    pass(kHourMs);
  }
}

TEST_F(TimelineTest, TellsThePositionForMessages) {
  EXPECT_EQ(timeline.position(now).ticks, 0);
  timeline.begin_run(now);
  pass(1500);
  EXPECT_EQ(timeline.position(now).ticks, 1500);
  timeline.published_until(Timeline::Role::kLeads, {10, 1});
  EXPECT_GE(timeline.position(now).ticks, 10'000);
}

}  // namespace
}  // namespace livestream
