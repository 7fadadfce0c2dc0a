#include "isobmff/audio_clock.h"

#include <gtest/gtest.h>

#include "media/media_time.h"

namespace livestream {
namespace {

struct AudioClockTest : testing::Test {
  AudioClockTest() { clock.set_format(44100, 1024); }
  static std::int64_t stamp(std::int64_t frame) {
    return MediaTime{frame * 1024, 44100}.in(1000).ticks;
  }
  AudioClock clock;
};

TEST_F(AudioClockTest, CountsSamplesWithoutDrift) {
  for (std::int64_t frame = 0; frame < 43 * 3600 * 3; ++frame) {
    ASSERT_EQ(clock.next(stamp(frame)), frame * 1024);
  }
}

TEST_F(AudioClockTest, DropsPrimingBeforeTimeBegins) {
  EXPECT_FALSE(clock.next(-23));
  EXPECT_EQ(clock.next(0), 0);
}

TEST_F(AudioClockTest, ToleratesStampsThatShake) {
  (void)clock.next(0);
  EXPECT_EQ(clock.next(23 + 35), 1024);
  EXPECT_EQ(clock.next(46 - 35), 2048);
}

TEST_F(AudioClockTest, LeavesAGapWhereTheSourceDoes) {
  (void)clock.next(0);
  EXPECT_EQ(clock.next(1000), 44100);
  EXPECT_EQ(clock.next(1023), 44100 + 1024);
}

TEST_F(AudioClockTest, BelievesTheFirstStampOfARun) {
  (void)clock.next(0);
  clock.begin_run();
  EXPECT_EQ(clock.next(23 + 35), 2558);              // 58 ms
  EXPECT_EQ(clock.next(46 + 35 + 20), 2558 + 1024);  // no gap later in the run
  clock.begin_run();
  EXPECT_EQ(clock.next(81 + 20), 2558 + 2048);  // never back
}

TEST_F(AudioClockTest, DropsFramesInsteadOfGoingBack) {
  for (int frame = 0; frame < 100; ++frame) (void)clock.next(stamp(frame));
  int dropped = 0;
  std::optional<std::int64_t> decode;
  for (int frame = 90; !(decode = clock.next(stamp(frame))); ++frame) ++dropped;
  EXPECT_GT(dropped, 5);
  EXPECT_LE(dropped, 10);
  EXPECT_EQ(decode, 100 * 1024);
}

TEST_F(AudioClockTest, GoesOnWhenTheRateChanges) {
  (void)clock.next(1000);
  clock.set_format(48000, 1024);
  EXPECT_EQ(clock.next(1024), 49116);  // 1.02322 s, where the frame before ended
}

}  // namespace
}  // namespace livestream
