#include "media/frame_rate.h"

#include <limits>

#include <gtest/gtest.h>

#include "media/media_time.h"

namespace livestream {
namespace {

void expect_ticks(FrameRate rate, std::uint32_t timescale, std::uint32_t ticks) {
  EXPECT_EQ(rate.timescale(), timescale);
  EXPECT_EQ(rate.ticks_per_frame(), ticks);
}

TEST(FrameRate, MakesAFrameAWholeNumberOfTicks) {
  expect_ticks({30, 1}, 30000, 1000);
  expect_ticks({25, 1}, 25000, 1000);
  expect_ticks({30000, 1001}, 30000, 1001);
  expect_ticks({60000, 1001}, 60000, 1001);
  expect_ticks({1, 1}, 10000, 10000);
  expect_ticks({15, 2}, 15000, 2000);
}

TEST(FrameRate, RecognisesTheUsualRates) {
  EXPECT_EQ(frame_rate_of(30), (FrameRate{30, 1}));
  EXPECT_EQ(frame_rate_of(25), (FrameRate{25, 1}));
  EXPECT_EQ(frame_rate_of(59.94), (FrameRate{60000, 1001}));
  EXPECT_EQ(frame_rate_of(29.97), (FrameRate{30000, 1001}));
  EXPECT_EQ(frame_rate_of(29.97002997), (FrameRate{30000, 1001}));
  EXPECT_EQ(frame_rate_of(23.976), (FrameRate{24000, 1001}));
  EXPECT_EQ(frame_rate_of(12.5), (FrameRate{25, 2}));
}

TEST(FrameRate, IsAbsentForNonsense) {
  for (const double rate : {0.0, -1.0, 1e9, std::numeric_limits<double>::quiet_NaN(),
                            std::numeric_limits<double>::infinity()}) {
    EXPECT_FALSE(frame_rate_of(rate)) << rate;
  }
}

TEST(MediaTime, RoundsToNearestOverDecades) {
  EXPECT_EQ((MediaTime{1001, 30000}.in(1000).ticks), 33);
  EXPECT_EQ((MediaTime{-1001, 30000}.in(1000).ticks), -33);
  const std::int64_t century_ms = std::int64_t{100} * 366 * 86'400 * 1000 + 1;
  EXPECT_EQ((MediaTime{century_ms, 1000}.in(90'000).ticks), century_ms * 90);
  EXPECT_EQ((MediaTime{century_ms, 1000}.in(90'000).in(1000).ticks), century_ms);
}

}  // namespace
}  // namespace livestream
