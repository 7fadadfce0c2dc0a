#include "isobmff/frame_clock.h"

#include <initializer_list>

#include <gtest/gtest.h>

namespace livestream {
namespace {

// Whole milliseconds of frame `n`, as FLV stamps it.
std::int64_t stamp(FrameRate rate, std::int64_t n, std::int64_t phase_us = 0) {
  return MediaTime{n * rate.denominator * 1'000'000 / rate.numerator + phase_us, 1'000'000}
      .in(1000)
      .ticks;
}

TEST(FrameClock, IsExactForHoursAtEveryUsualRate) {
  for (const FrameRate rate :
       {FrameRate{30000, 1001}, FrameRate{25, 1}, FrameRate{60000, 1001}, FrameRate{24000, 1001},
        FrameRate{30, 1}, FrameRate{60, 1}, FrameRate{120, 1}, FrameRate{15, 2}}) {
    for (const std::int64_t phase_us : {0, 333, 499, 999}) {
      FrameClock clock;
      clock.set_rate(rate);
      const std::int64_t first = clock.next(stamp(rate, 0, phase_us)).decode_ticks;
      const std::int64_t frames = 6 * 3600 * std::int64_t{rate.numerator} / rate.denominator;
      for (std::int64_t n = 1; n < frames; ++n) {
        const FrameClock::Timing timing = clock.next(stamp(rate, n, phase_us));
        ASSERT_EQ(timing.decode_ticks, first + n * rate.ticks_per_frame()) << n;
        ASSERT_EQ(timing.duration_ticks, rate.ticks_per_frame());
      }
    }
  }
}

TEST(FrameClock, KeepsTheGridOverDroppedFrames) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  (void)clock.next(0);
  EXPECT_EQ(clock.next(33).decode_ticks, 1000);
  EXPECT_EQ(clock.next(134).decode_ticks, 4000);  // 133.3
  EXPECT_EQ(clock.next(166).decode_ticks, 5000);
}

TEST(FrameClock, LeavesTheGridForAFrameThatIsOffIt) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  (void)clock.next(0);
  EXPECT_EQ(clock.next(50).decode_ticks, 1500);
  EXPECT_EQ(clock.next(83).decode_ticks, 2500);
}

TEST(FrameClock, KeepsItsCadenceWhenStampsComeOutEarly) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  (void)clock.next(0);
  (void)clock.next(33);
  EXPECT_EQ(clock.next(64).decode_ticks, 2000);  // 61 would be inside the frame before
  EXPECT_EQ(clock.next(97).decode_ticks, 3000);
}

TEST(FrameClock, KeepsItsCadenceAfterAGapThatWasRoundedUp) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  (void)clock.next(0);
  (void)clock.next(33);
  EXPECT_EQ(clock.next(131).decode_ticks, 4000);  // 133.3
  EXPECT_EQ(clock.next(164).decode_ticks, 5000);
  EXPECT_EQ(clock.next(198).decode_ticks, 6000);
}

// Gives the clock these stamps; no frame may begin before the one before has ended.
FrameClock::Timing expect_no_overlap(FrameClock& clock,
                                     std::initializer_list<std::int64_t> stamps) {
  FrameClock::Timing last = clock.next(*stamps.begin());
  for (auto stamp_ms = stamps.begin() + 1; stamp_ms != stamps.end(); ++stamp_ms) {
    const FrameClock::Timing timing = clock.next(*stamp_ms);
    EXPECT_GE(timing.decode_ticks, last.decode_ticks + last.duration_ticks) << *stamp_ms;
    last = timing;
  }
  return last;
}

TEST(FrameClock, NeverGoesBack) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  expect_no_overlap(clock, {1000, 1000, 990, 900, 0, -5, 1001, 1001, 1034, 1035, 1070});
  EXPECT_EQ(clock.next(2000).decode_ticks, 60'000);
}

TEST(FrameClock, NeverOverlapsWhenStampsComeSoonerThanAnnounced) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  // A snapshot's picture off the grid, twice, then a standing one at the stream's rate.
  expect_no_overlap(clock, {0, 41, 84, 118, 151, 184, 218, 251, 284, 318, 351});
  EXPECT_NEAR(static_cast<double>(clock.next(384).decode_ticks), 384 * 30, 500);
}

TEST(FrameClock, CatchesUpWithASourceThatBecomesFast) {
  FrameClock clock;
  clock.set_rate({});
  expect_no_overlap(clock, {0, 1000, 2000, 3000, 3033, 3067, 3100});
  std::int64_t ms = 3133;
  for (int n = 0; n < 60; ++n, ms += 33) (void)clock.next(ms);
  EXPECT_NEAR(static_cast<double>(clock.next(ms).decode_ticks), static_cast<double>(ms) * 90, 1500);
}

TEST(FrameClock, NeverOverlapsWhenTheRateIsSetAnew) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  const FrameClock::Timing slow = expect_no_overlap(clock, {0, 500, 990, 1480});
  EXPECT_GT(slow.duration_ticks, 10'000U);
  clock.set_rate(FrameRate{25, 1});
  EXPECT_GE(clock.next(1500).decode_ticks * 30, (slow.decode_ticks + slow.duration_ticks) * 25);
}

TEST(FrameClock, FollowsASourceFasterThanItSays) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  FrameClock::Timing timing;
  for (int n = 0; n < 600; ++n) timing = clock.next(stamp({60, 1}, n));
  EXPECT_NEAR(static_cast<double>(timing.decode_ticks), 599 * 500, 60);
  EXPECT_NEAR(timing.duration_ticks, 500, 31);
}

TEST(FrameClock, FollowsASourceSlowerThanItSays) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  FrameClock::Timing timing;
  for (int n = 0; n < 600; ++n) timing = clock.next(stamp({15, 1}, n));
  EXPECT_EQ(timing.decode_ticks, 599 * 2000);
  EXPECT_EQ(timing.duration_ticks, 2000U);
}

TEST(FrameClock, TakesDurationsFromIntervalsWhenNoRateIsKnown) {
  FrameClock clock;
  clock.set_rate({});
  EXPECT_EQ(clock.timescale(), 90'000U);
  EXPECT_EQ(clock.next(0).duration_ticks, 3000U);
  (void)clock.next(40);
  const FrameClock::Timing timing = clock.next(80);
  EXPECT_EQ(timing.decode_ticks, 80 * 90);
  EXPECT_EQ(timing.duration_ticks, 3600U);
}

TEST(FrameClock, BoundsADurationAfterALongGap) {
  FrameClock clock;
  clock.set_rate({});
  (void)clock.next(0);
  (void)clock.next(3'600'000);
  EXPECT_LE(clock.next(7'200'000).duration_ticks, 90'000U);
}

TEST(FrameClock, GoesOnWhenTheRateChanges) {
  FrameClock clock;
  clock.set_rate(FrameRate{30, 1});
  (void)clock.next(10'000);
  clock.set_rate(FrameRate{25, 1});
  EXPECT_EQ(clock.timescale(), 25'000U);
  EXPECT_GT(clock.next(9'000).decode_ticks, 250'000);
  EXPECT_EQ(clock.next(10'100).decode_ticks, 252'500);
}

TEST(FrameClock, PutsCompositionOffsetsOnTheGridToo) {
  FrameClock clock;
  clock.set_rate(FrameRate{30000, 1001});
  EXPECT_EQ(clock.composition_ticks(0), 0);
  EXPECT_EQ(clock.composition_ticks(67), 2002);
  EXPECT_EQ(clock.composition_ticks(-33), -1001);
  EXPECT_EQ(clock.composition_ticks(50), 1500);
}

}  // namespace
}  // namespace livestream
