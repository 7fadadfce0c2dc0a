#include "source/pace_watch.h"

#include <gtest/gtest.h>

#include "source/back_off.h"

namespace livestream {
namespace {

using namespace std::chrono_literals;

struct Machine {
  SteadyTime now{};
  std::chrono::microseconds media{0};
  std::chrono::milliseconds cpu{0};

  void run(PaceWatch& watch, int seconds, double speed, double cores) {
    for (int i = 0; i < seconds * 4; ++i) {
      now += 250ms;
      media += std::chrono::microseconds(static_cast<long>(250'000 * speed));
      cpu += std::chrono::milliseconds(static_cast<long>(250 * cores));
      watch.observe(media, cpu, now);
    }
  }
};

TEST(PaceWatch, WarnsAfterFiveSecondsOfBusySlowness) {
  PaceWatch watch;
  Machine machine;
  machine.run(watch, 4, 0.5, 1.8);
  EXPECT_FALSE(watch.too_slow());
  machine.run(watch, 2, 0.5, 1.8);
  EXPECT_TRUE(watch.too_slow());
  EXPECT_NEAR(watch.speed(), 0.5, 0.01);
}

TEST(PaceWatch, DoesNotBlameTheMachineForASlowSource) {
  PaceWatch watch;
  Machine machine;
  machine.run(watch, 10, 0.5, 0.1);
  EXPECT_FALSE(watch.too_slow());
}

TEST(PaceWatch, TakesTheWarningBackOnceItKeepsUp) {
  PaceWatch watch;
  Machine machine;
  machine.run(watch, 6, 0.5, 1.8);
  machine.run(watch, 6, 1.0, 1.8);
  EXPECT_FALSE(watch.too_slow());
}

TEST(PaceWatch, GoesBySpeedAloneWhereProcessorTimeIsUnknown) {
  PaceWatch watch;
  for (int i = 0; i < 24; ++i) watch.observe(100ms * i, std::nullopt, SteadyTime{} + 250ms * i);
  EXPECT_TRUE(watch.too_slow());
}

TEST(BackOff, OnlyARunOfTenSecondsIsFollowedAtOnce) {
  BackOff back_off([] { return 0.0; });
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s})
    EXPECT_EQ(back_off.after_run(9s, false), expected);
  EXPECT_EQ(back_off.after_run(10s, false), 0s);
  EXPECT_EQ(back_off.after_run(0s, false), 1s);
}

TEST(BackOff, ViewersWaitFiveSecondsAtMost) {
  BackOff back_off([] { return 0.0; });
  for (const auto expected : {1s, 2s, 4s, 5s, 5s})
    EXPECT_EQ(back_off.after_run(0s, true), expected);
  EXPECT_EQ(back_off.after_run(0s, false), 30s);
}

TEST(BackOff, ChanceShortensAWaitByAQuarterAtMost) {
  double chance = 0;
  BackOff back_off([&] { return chance; });
  EXPECT_EQ(back_off.after_run(0s, false), 1000ms);
  chance = 1;
  EXPECT_EQ(back_off.after_run(0s, false), 1500ms);
}

TEST(RateMeter, MeasuresOverItsWindowOnly) {
  RateMeter meter(3s);
  EXPECT_EQ(meter.per_second(), 0);
  SteadyTime now{};
  meter.observe(0, now);
  EXPECT_EQ(meter.per_second(), 0);
  for (int i = 1; i <= 10; ++i) meter.observe(30.0 * i, now + 1s * i);
  EXPECT_NEAR(meter.per_second(), 30, 0.01);
  for (int i = 11; i <= 14; ++i) meter.observe(300, now + 1s * i);
  EXPECT_NEAR(meter.per_second(), 0, 0.01);
}

}  // namespace
}  // namespace livestream
