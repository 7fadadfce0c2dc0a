#include "isobmff/audio_clock.h"

#include <cstdlib>
#include <functional>

#include <gtest/gtest.h>

#include "media/media_time.h"

namespace livestream {
namespace {

// Feeds stamps in real time; a test moves the arrival clock when the two differ.
struct AudioClockTest : testing::Test {
  AudioClockTest() { clock.set_format(44100, 1024); }
  static std::int64_t stamp(std::int64_t frame) {
    return MediaTime{frame * 1024, 44100}.in(1000).ticks;
  }
  // Where the frame is put; absent: it is dropped. The hole before it stays.
  std::optional<std::int64_t> next(std::int64_t stamp_ms) {
    const std::optional<std::int64_t> position = clock.place(stamp_ms, now);
    now += std::chrono::microseconds(23'220);
    if (!position) return {};
    clock.skip_to(*position);
    return clock.add_frame();
  }
  // Frames `first` and those behind it, their stamps at `speed` and `off_ms` away. How many are
  // put, and in milliseconds how far the last ends from where its count would have it.
  struct Played {
    int frames = 0;
    std::int64_t holes_ms = 0;
  };
  Played play(int frames, double speed, const std::function<std::int64_t(int)>& off_ms = {}) {
    Played played;
    const std::int64_t from = clock.end().value_or(0);
    for (int n = 0; n < frames; ++n) {
      const auto ms = static_cast<std::int64_t>(static_cast<double>(stamp(n)) * speed);
      if (next(base_ms + ms + (off_ms ? off_ms(n) : 0))) ++played.frames;
    }
    const std::int64_t put = *clock.end() - from - std::int64_t{played.frames} * 1024;
    played.holes_ms = put * 1000 / 44100;
    return played;
  }
  [[nodiscard]] std::int64_t end_ms() const { return *clock.end() * 1000 / 44100; }
  // Other stamps begin, at the end of what there is.
  void restart() {
    clock.resync();
    base_ms = clock.end() ? end_ms() : 0;
    (void)next(base_ms);
    base_ms = end_ms();
  }
  SteadyTime now{std::chrono::hours(3)};
  std::int64_t base_ms = 0;
  AudioClock clock;
};

TEST_F(AudioClockTest, CountsSamplesWithoutDrift) {
  for (std::int64_t frame = 0; frame < 43 * 3600 * 3; ++frame) {
    ASSERT_EQ(next(stamp(frame)), frame * 1024);
  }
}

TEST_F(AudioClockTest, DropsPrimingBeforeTimeBegins) {
  EXPECT_FALSE(next(-23));
  EXPECT_EQ(next(0), 0);
}

TEST_F(AudioClockTest, LeavesAHoleWhereTheSourceDoes) {
  (void)next(0);
  EXPECT_EQ(next(1000), 44100);
  EXPECT_EQ(next(1023), 44100 + 1024);
}

TEST_F(AudioClockTest, BelievesTheFirstStampAfterAResync) {
  (void)next(0);
  clock.resync();
  EXPECT_EQ(next(23 + 35), 2558);              // 58 ms
  EXPECT_EQ(next(46 + 35 + 20), 2558 + 1024);  // no gap later
  clock.resync();
  EXPECT_EQ(next(81 + 20), 2558 + 2048);  // never back
}

TEST_F(AudioClockTest, DropsWhatTheTrackHoldsAlready) {
  for (int frame = 0; frame < 100; ++frame) (void)next(stamp(frame));
  int dropped = 0;
  std::optional<std::int64_t> decode;
  for (int frame = 70; !(decode = next(stamp(frame))); ++frame) ++dropped;
  EXPECT_EQ(dropped, 30);
  EXPECT_EQ(decode, 100 * 1024);
}

TEST_F(AudioClockTest, IsNotShakenByJitter) {
  restart();
  unsigned seed = 1;
  const Played played = play(2'000, 1, [&](int) {
    seed = seed * 1'103'515'245 + 12'345;
    return static_cast<std::int64_t>(seed >> 16 & 0x1ff) * 400 / 512 - 200;
  });
  EXPECT_EQ(played.frames, 2'000);
  EXPECT_EQ(played.holes_ms, 0);
}

TEST_F(AudioClockTest, IsNotShakenByBurstsThatShareAStamp) {
  const Played played = play(2'000, 1, [](int n) { return stamp(n / 10 * 10) - stamp(n); });
  EXPECT_EQ(played.frames, 2'000);
  EXPECT_EQ(played.holes_ms, 0);
}

TEST_F(AudioClockTest, FollowsAStepWithinASecond) {
  for (const std::int64_t step : {60, 200, 400, 3'000}) {
    restart();
    play(50, 1);
    base_ms = end_ms() + step;
    const Played later = play(50, 1);
    EXPECT_EQ(later.frames, 50) << step;
    EXPECT_NEAR(static_cast<double>(later.holes_ms), static_cast<double>(step), 3) << step;
    base_ms = end_ms() - step;
    const Played back = play(250, 1);
    EXPECT_NEAR((250 - back.frames) * 23.22, static_cast<double>(step), 24) << step;
    EXPECT_EQ(back.holes_ms, 0) << step;
  }
}

// Crystals differ by so much.
TEST_F(AudioClockTest, FollowsStampsThatDriftSlowly) {
  for (const double speed : {0.999, 1.001, 0.98, 1.02}) {
    restart();
    play(4'300, speed);  // 100 s
    const auto stamps = static_cast<std::int64_t>(static_cast<double>(stamp(4'300)) * speed);
    EXPECT_NEAR(static_cast<double>(end_ms() - base_ms), static_cast<double>(stamps), 75) << speed;
  }
}

TEST_F(AudioClockTest, CountsSamplesWhoseStampsRunAtAnotherSpeedThanTheClock) {
  for (const double speed : {0.9, 1.1, 0.5, 1.5, 0.0}) {
    restart();
    const Played played = play(2'000, speed);
    EXPECT_EQ(played.frames, 2'000) << speed;
    EXPECT_EQ(played.holes_ms, 0) << speed;
  }
}

// ffmpeg holds the first half second back while it looks at the source.
TEST_F(AudioClockTest, DoesNotTakeABacklogForTheSpeedOfTheSamples) {
  for (const double speed : {0.9, 1.1}) {
    restart();
    const SteadyTime at = now;
    for (int n = 0; n < 25; ++n, now = at)
      (void)next(base_ms + static_cast<std::int64_t>(static_cast<double>(stamp(n)) * speed));
    base_ms += static_cast<std::int64_t>(static_cast<double>(stamp(25)) * speed);
    const Played played = play(600, speed);
    EXPECT_EQ(played.frames, 600) << speed;
    EXPECT_EQ(played.holes_ms, 0) << speed;
  }
}

// Every tenth packet is lost: the stamps are right.
TEST_F(AudioClockTest, BelievesStampsThatRunWithTheArrivalClock) {
  for (int frame = 0; frame < 4'300; ++frame) {
    if (frame % 10 == 9) {
      now += std::chrono::microseconds(23'220);
    } else {
      (void)next(stamp(frame));
    }
    if (frame > 300) {
      ASSERT_LE(std::abs(end_ms() - stamp(frame + 1)), 150) << frame;
    }
  }
}

TEST_F(AudioClockTest, GoesOnWhenTheRateChanges) {
  (void)next(1000);
  clock.set_format(48000, 1024);
  EXPECT_EQ(next(1024), 49116);  // 1.02322 s, where the frame before ended
}

}  // namespace
}  // namespace livestream
