#include "source/pacer.h"

#include <chrono>
#include <tuple>

#include <gtest/gtest.h>

namespace livestream {
namespace {

using namespace std::chrono_literals;
using Pace = Pacer::Pace;

const SteadyTime kBegin = SteadyTime(1h);

TEST(Pacer, ACameraIsNeverHeldBack) {
  Pacer pacer(Pace::kAsItComes);
  EXPECT_FALSE(pacer.paces());
  EXPECT_EQ(pacer.due(50'000, kBegin), kBegin);
  EXPECT_EQ(pacer.due(90'000, kBegin), kBegin);
}

TEST(Pacer, AFilePlaysByTheClockFromItsFirstSample) {
  Pacer pacer(Pace::kByClock);
  EXPECT_EQ(pacer.due(7'000, kBegin), kBegin);
  EXPECT_EQ(pacer.due(7'040, kBegin), kBegin + 40ms);
  EXPECT_EQ(pacer.due(9'000, kBegin + 1s), kBegin + 2s);
  EXPECT_EQ(pacer.lead(10'000, kBegin + 1s), 2s);
}

TEST(Pacer, ALittleLateIsCaughtUp) {
  Pacer pacer(Pace::kByClock);
  (void)pacer.due(0, kBegin);
  EXPECT_EQ(pacer.due(1'000, kBegin + 1900ms), kBegin + 1s);
}

TEST(Pacer, APauseOfTheSourceIsNotCaughtUp) {
  Pacer pacer(Pace::kByClock);
  (void)pacer.due(0, kBegin);
  EXPECT_EQ(pacer.due(1'000, kBegin + 30s), kBegin + 30s);
  EXPECT_EQ(pacer.due(2'000, kBegin + 30s), kBegin + 31s);
}

TEST(Pacer, TimesThatStepBackBeginAnew) {
  Pacer pacer(Pace::kByClock);
  (void)pacer.due(600'000, kBegin);
  EXPECT_EQ(pacer.due(0, kBegin), kBegin);
  EXPECT_EQ(pacer.due(500, kBegin), kBegin + 500ms);
}

// Reads `media_ms` at `now` as RunOutput does: all that waits is passed on as it becomes due.
class FoundOut {
 public:
  bool read(std::int64_t media_ms, SteadyTime now) {
    pacer.on_read(media_ms, now);
    return pacer.due(media_ms, now) <= now;
  }
  Pacer pacer{Pace::kFindOut};
};

TEST(Pacer, ALiveSourceIsSoonPassedOnAsItComes) {
  FoundOut source;
  for (int ms = 0; ms < 2'000; ms += 40) source.read(ms, kBegin + ms * 1ms);
  EXPECT_FALSE(source.pacer.paces());
}

TEST(Pacer, ALiveSourcesBacklogIsPassedOnWhenItGrowsNoMore) {
  FoundOut source;
  for (int ms = 0; ms <= 6'000; ms += 40) source.read(ms, kBegin + ms * 10us);
  EXPECT_TRUE(source.pacer.paces()) << "it might be a file";
  EXPECT_FALSE(source.read(6'040, kBegin + 100ms));
  for (int ms = 100; ms <= 700; ms += 40) source.read(6'040 + ms, kBegin + ms * 1ms);
  EXPECT_FALSE(source.pacer.paces());
  EXPECT_TRUE(source.read(6'800, kBegin + 800ms));
}

TEST(Pacer, AFileWithoutALengthIsPaced) {
  FoundOut source;
  for (int ms = 0; ms <= 19'000; ms += 40) source.read(ms, kBegin + ms * 100us);
  EXPECT_TRUE(source.pacer.paces());
  source.pacer.decide_for_clock();
  EXPECT_TRUE(source.pacer.paces());
  EXPECT_EQ(source.pacer.due(10'000, kBegin + 5s), kBegin + 10s);
  EXPECT_EQ(source.pacer.wanted_lead(), Pacer::kAhead);
}

TEST(Pacer, AShortFileThatHasEndedIsStillPaced) {
  FoundOut source;
  for (int ms = 0; ms <= 4'000; ms += 40) source.read(ms, kBegin);
  source.pacer.decide_for_clock();
  EXPECT_EQ(source.pacer.due(3'000, kBegin + 2s), kBegin + 3s);
}

TEST(Pacer, ASourceThatSentForAboutAsLongAsItPlaysWasLive) {
  for (const auto& [length, sent, is_file] :
       {std::tuple{1'000ms, 1'000ms, false}, std::tuple{1'000ms, 850ms, false},
        std::tuple{300ms, 2'000ms, false}, std::tuple{1'000ms, 700ms, true},
        std::tuple{60'000ms, 3'000ms, true}, std::tuple{0ms, 0ms, true}}) {
    FoundOut source;
    source.read(0, kBegin);
    source.pacer.on_end(length, sent);
    EXPECT_EQ(source.pacer.paces(), is_file) << length.count() << " " << sent.count();
  }
}

TEST(Pacer, AFileStaysOneHoweverLongItsServerTook) {
  FoundOut source;
  for (int ms = 0; ms <= 4'000; ms += 40) source.read(ms, kBegin);
  source.pacer.decide_for_clock();
  source.pacer.on_end(4'000ms, 4'000ms);
  EXPECT_TRUE(source.pacer.paces());
}

TEST(Pacer, ALiveSourceThatRunsFarAheadLaterIsPacedAgain) {
  FoundOut source;
  for (int ms = 0; ms < 2'000; ms += 40) source.read(ms, kBegin + ms * 1ms);
  ASSERT_FALSE(source.pacer.paces());
  for (int ms = 2'000; ms < 12'000; ms += 40) source.read(ms, kBegin + 2s);
  EXPECT_TRUE(source.pacer.paces());
}

TEST(Pacer, ALiveSourceWhoseTimesLeapIsNotWaitedFor) {
  FoundOut source;
  for (int ms = 0; ms < 8'000; ms += 40) source.read(ms, kBegin + ms * 1ms);
  source.read(3'600'000, kBegin + 8s);
  source.pacer.decide_for_clock();
  EXPECT_TRUE(source.pacer.has_leapt());
}

TEST(Pacer, AFileThatBeganSlowlyHasNotLeapt) {
  FoundOut source;
  for (int ms = 0; ms < 2'000; ms += 40) source.read(ms, kBegin + ms * 1ms);
  ASSERT_FALSE(source.pacer.paces());
  for (int ms = 2'000; ms < 24'000; ms += 40) source.read(ms, kBegin + 2s + ms * 10us);
  source.pacer.decide_for_clock();
  EXPECT_TRUE(source.pacer.paces());
  EXPECT_FALSE(source.pacer.has_leapt());
}

TEST(Pacer, ACameraWithAPictureEachTenSecondsIsNotPaced) {
  for (const bool sound : {false, true}) {
    Pacer pacer(Pace::kFindOut);
    std::int64_t picture_ms = 0;
    (void)pacer.due(0, kBegin);
    for (SteadyTime now = kBegin + 20ms; now < kBegin + 60s; now += 20ms) {
      const auto since_ms =
          std::chrono::duration_cast<std::chrono::milliseconds>(now - kBegin).count();
      // The encoder repeats the last picture up to the new one.
      for (; since_ms % 10'000 == 0 && picture_ms < since_ms; picture_ms += 33) {
        pacer.on_read(picture_ms, now);
        EXPECT_LE(pacer.due(picture_ms, now), now) << picture_ms << " of " << since_ms;
      }
      if (!sound) continue;
      pacer.on_read(since_ms, now);
      const SteadyTime due = pacer.due(since_ms, now);
      EXPECT_TRUE(due <= now || since_ms < 1000) << since_ms;
    }
  }
}

TEST(Pacer, ALiveSourceThatCatchesUpAfterAPauseIsNotPaced) {
  FoundOut source;
  for (int ms = 0; ms < 2'000; ms += 40) source.read(ms, kBegin + ms * 1ms);
  for (int ms = 2'000; ms < 7'000; ms += 40) EXPECT_TRUE(source.read(ms, kBegin + 7s));
  EXPECT_FALSE(source.pacer.paces());
}

}  // namespace
}  // namespace livestream
