#include "isobmff/timeline.h"

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
  std::int64_t place(Timeline::Place& track, std::int64_t container_ms) {
    return timeline.place_ms(track, container_ms, now);
  }
  // As a fragmenter does with a frame of 33 ms.
  std::int64_t publish(Timeline::Place& track, std::int64_t container_ms) {
    const std::int64_t ms = place(track, container_ms);
    timeline.published_until({ms + 33, 1000});
    return ms;
  }
};

TEST_F(TimelineTest, NumbersFragmentsFromOne) {
  EXPECT_EQ(timeline.next_sequence(), 1U);
  EXPECT_EQ(timeline.next_sequence(), 2U);
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
  timeline.published_until({10, 1});
  EXPECT_GE(timeline.position(now).ticks, 10'000);
}

}  // namespace
}  // namespace livestream
