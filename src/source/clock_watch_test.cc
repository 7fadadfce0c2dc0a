#include "source/clock_watch.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

namespace livestream {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Verdict = ClockWatch::Verdict;

// A source whose pictures come at a rate; the test says which time the picture has that comes so
// many milliseconds after the beginning. The watch looks four times a second, as the supervisor
// does.
struct ClockWatchTest : testing::Test {
  ClockWatch watch;
  std::int64_t ms = 0;
  std::uint64_t pictures = 0;
  double media = 0;

  void tick() {
    if (ms % 250 == 0) {
      watch.observe(microseconds(static_cast<std::int64_t>(media * 1000)), pictures,
                    SteadyTime(milliseconds(ms)));
    }
    ms += 10;
  }
  // No pictures come.
  void idle(std::int64_t until_ms) {
    while (ms < until_ms) tick();
  }
  // The first verdict other than that time is kept, and how many seconds it took; else the last.
  struct Told {
    Verdict verdict = Verdict::kUnknown;
    double after_s = 0;
  };
  Told run(double seconds, double per_second, const std::function<double(double)>& media_ms) {
    const std::int64_t begin = ms;
    double due = static_cast<double>(ms);
    while (static_cast<double>(ms - begin) < seconds * 1000) {
      if (static_cast<double>(ms) >= due) {
        media = media_ms(static_cast<double>(ms));
        ++pictures;
        due += 1000 / per_second;
      }
      tick();
      if (watch.verdict() != Verdict::kUnknown && watch.verdict() != Verdict::kKeepsTime) break;
    }
    return {watch.verdict(), static_cast<double>(ms - begin) / 1000};
  }
  void expect(Verdict verdict, double within_s, const Told& told) {
    EXPECT_EQ(static_cast<int>(told.verdict), static_cast<int>(verdict));
    EXPECT_LE(told.after_s, within_s);
  }
  // Another source.
  void restart() {
    watch = ClockWatch();
    ms = 0;
    pictures = 0;
  }
};

TEST_F(ClockWatchTest, SaysThatTimeIsKept) {
  for (const double rate : {0.1, 0.3, 1.0, 5.0, 30.0, 60.0}) {
    restart();
    expect(Verdict::kKeepsTime, 61, run(60, rate, [](double at) { return at; }));
  }
}

TEST_F(ClockWatchTest, NoticesStampsThatStandStill) {
  expect(Verdict::kFrozen, 3.5, run(5, 30, [](double) { return 1'000.0; }));
}

TEST_F(ClockWatchTest, NoticesStampsThatFreezeLater) {
  run(20, 30, [](double at) { return at; });
  const Told told = run(5, 30, [](double) { return 20'000.0; });
  // First too slow, as long as the window reaches back.
  expect(Verdict::kSlow, 1, told);
}

TEST_F(ClockWatchTest, NoticesStampsOfAnotherRate) {
  for (const double rate : {0.1, 0.4, 0.5, 0.85}) {
    restart();
    expect(Verdict::kSlow, 3.5, run(5, 12, [&](double at) { return at * rate; }));
  }
}

// MJPEG of a picture each two seconds, whose stamps say 25 a second.
TEST_F(ClockWatchTest, NoticesSparsePicturesWithoutStamps) {
  expect(Verdict::kFrozen, 9, run(30, 0.5, [](double at) { return at / 2'000 * 40; }));
}

TEST_F(ClockWatchTest, NoticesAFlood) {
  for (const double rate : {10.0, 25.0, 200.0}) {
    restart();
    expect(Verdict::kFast, 3.5, run(5, 30, [&](double at) { return at * rate; }));
  }
}

TEST_F(ClockWatchTest, NoticesAClockThatIsSomewhatFast) {
  for (const double rate : {1.25, 2.0}) {
    restart();
    expect(Verdict::kFast, 12, run(20, 30, [&](double at) { return at * rate; }));
  }
}

TEST_F(ClockWatchTest, NoticesALeapOfHours) {
  run(20, 30, [](double at) { return at; });
  expect(Verdict::kFast, 1, run(5, 30, [](double at) { return at + 36e5; }));
}

TEST_F(ClockWatchTest, TakesABacklogForNoFlood) {
  expect(Verdict::kKeepsTime, 31,
         run(30, 30, [](double at) { return at < 500 ? at * 30 : at + 14'500; }));
}

TEST_F(ClockWatchTest, TakesABacklogThatComesSlowlyForNoFlood) {
  expect(Verdict::kKeepsTime, 31,
         run(30, 30, [](double at) { return at < 4'000 ? at * 4 : at + 12'000; }));
}

// Pictures for five seconds, none for eight, and the stamps do not count the pause.
TEST_F(ClockWatchTest, TakesAPauseForNoSlowness) {
  for (int round = 0; round < 4; ++round) {
    expect(Verdict::kKeepsTime, 6, run(5, 30, [&](double at) { return at - round * 8'000; }));
    idle(ms + 8'000);
  }
}

TEST_F(ClockWatchTest, TakesSegmentsThatComeAtOnceForPunctual) {
  for (const std::int64_t segment_ms : {1'000, 2'000, 5'000, 10'000}) {
    restart();
    for (std::int64_t begin = 0; begin < 60'000; begin += segment_ms) {
      const double tenth = static_cast<double>(segment_ms) / 10'000;
      const Told told =
          run(tenth, 300, [&](double at) { return at * 10 - 9.0 * static_cast<double>(begin); });
      EXPECT_NE(static_cast<int>(told.verdict), static_cast<int>(Verdict::kSlow)) << segment_ms;
      EXPECT_NE(static_cast<int>(told.verdict), static_cast<int>(Verdict::kFast)) << segment_ms;
      EXPECT_NE(static_cast<int>(told.verdict), static_cast<int>(Verdict::kFrozen)) << segment_ms;
      idle(begin + segment_ms);
    }
  }
}

}  // namespace
}  // namespace livestream
