#include "source/supervisor.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/supervisor_fixture_for_test.h"

namespace livestream {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(SupervisorTest, TheStateFollowsTheRun) {
  start("rtsp://camera/1");
  EXPECT_EQ(status().state, SourceState::kStarting);
  open();
  play(1s);
  EXPECT_EQ(status().state, SourceState::kRunning);
  EXPECT_EQ(status().ffmpeg_pid, 1);
  EXPECT_TRUE(stream_.ready());
  end();
  EXPECT_EQ(status().state, SourceState::kWaiting);
  EXPECT_EQ(status().ffmpeg_pid, 0);
  EXPECT_THAT(status().last_error, HasSubstr("exit code 1"));
}

TEST_F(SupervisorTest, OnlyARunOfTenSecondsIsFollowedAtOnce) {
  start("rtsp://camera/1");
  open();
  play(11s);
  end();
  EXPECT_EQ(ffmpegs_.count(), 2U);
  EXPECT_EQ(status().restarts, 1U);
  open();
  play(1s);
  end();
  EXPECT_EQ(ffmpegs_.count(), 2U);
  pass(1s);
  EXPECT_EQ(ffmpegs_.count(), 3U);
}

TEST_F(SupervisorTest, ASourceThatHangsUpEachSecondIsNotOpenedAllTheTime) {
  start("tcp://camera:1");
  const SteadyTime begin = clock_.now();
  while (clock_.now() - begin < 60s) {
    if (ffmpeg().alive) {
      open();
      play(1s);
      end({.code = 0});
    } else {
      pass(250ms);
    }
  }
  EXPECT_LE(ffmpegs_.count(), 7U);
  EXPECT_EQ(status().restarts, ffmpegs_.count() - 1);
  EXPECT_THAT(status().last_error, HasSubstr("ended"));
}

TEST_F(SupervisorTest, AWatchedSourceIsAwayForFiveSecondsAtMost) {
  const Demand::Claim claim = demand_->claim();
  start("rtsp://camera/1");
  for (int i = 0; i < 10; ++i) {
    end();
    pass(5s);
  }
  EXPECT_EQ(ffmpegs_.count(), 11U);
}

TEST_F(SupervisorTest, ASourceThatGoesSilentIsReportedThenEnded) {
  start("rtsp://camera/1");
  open();
  play(4s, 40ms);
  pass(2s);
  EXPECT_EQ(status().state, SourceState::kWaiting);
  EXPECT_FALSE(ffmpeg().killed);
  pass(3500ms);
  EXPECT_TRUE(ffmpeg().killed);
  end({.signal = 9});
  EXPECT_THAT(status().last_error, HasSubstr("nothing came from the source for 5 s"));
}

TEST_F(SupervisorTest, ASlowSourceIsLeftAlone) {
  start("rtsp://camera/1");
  open();
  for (int i = 0; i < 5; ++i) {
    picture(static_cast<std::uint32_t>(i) * 10'000);
    pass(10s);
    EXPECT_EQ(status().state, SourceState::kRunning) << i;
  }
  EXPECT_FALSE(ffmpegs_.at(0).killed);
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(SupervisorTest, APictureThatStopsBesideItsSoundIsOpenedAgain) {
  start("rtsp://camera/1");
  open();
  play_both(4s, {});
  play_both(29s, {.picture = false});
  EXPECT_EQ(status().state, SourceState::kRunning);
  EXPECT_FALSE(ffmpeg().killed);
  play_both(1500ms, {.picture = false});
  EXPECT_TRUE(ffmpeg().killed);
  end({.signal = 9});
  EXPECT_EQ(status().last_error, "the source's picture has stopped for 30 s, its sound goes on");
  EXPECT_EQ(ffmpegs_.count(), 2U);
  EXPECT_EQ(status().restarts, 1U);
  // A picture that stands from the start is a still scene.
  open();
  play_both(300ms, {});
  play_both(2min, {.picture = false});
  EXPECT_FALSE(ffmpeg().killed);
  EXPECT_EQ(status().restarts, 1U);
}

TEST_F(SupervisorTest, SourceTimeoutBoundsSoundWithoutAPicture) {
  settings_.source_timeout = 10s;
  start("rtsp://camera/1");
  open();
  play_both(4s, {});
  play_both(9s, {.picture = false});
  EXPECT_FALSE(ffmpeg().killed);
  play_both(2s, {.picture = false});
  EXPECT_TRUE(ffmpeg().killed);
}

TEST_F(SupervisorTest, SoundThatCanBePassedThroughTakesTheEncodedOnesPlace) {
  start("tcp://camera:1");
  ffmpeg().describe_input(input_with_aac_lc());
  EXPECT_FALSE(ffmpeg().killed) << "the first run has the sound in both ways";
  open_picture();
  ffmpeg().put_out_copied_sound(FlvBuilder().audio(0, {0x11, 0x90}, 0).audio(0, kAacFrame).take());
  sound(0, 500ms);
  play(3s, 40ms);
  const Track* told = stream_.generation()->description.track(TrackKind::kAudio);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->timescale, 48'000U);
  end();
  pass(1s);
  EXPECT_THAT(ffmpeg().arguments, Not(Contains("pipe:6"))) << "the next one has it in one way";
  EXPECT_THAT(ffmpeg().arguments, Not(Contains("aac")));
  ffmpeg().describe_input(input_with_aac_lc());
  EXPECT_FALSE(ffmpeg().killed);
}

TEST_F(SupervisorTest, SoundThatIsNotWhatItsDescriptionSaysIsEncoded) {
  start("tcp://camera:1");
  ffmpeg().describe_input(input_with_aac_lc());
  open_picture();
  ffmpeg().put_out_copied_sound(FlvBuilder().audio(0, {0x2b, 0x11, 0x88, 0x00}, 0).take());
  EXPECT_TRUE(ffmpeg().killed);
  end({.signal = 9});
  EXPECT_EQ(ffmpegs_.count(), 2U) << "at once";
  EXPECT_THAT(ffmpeg().arguments, AllOf(Contains("aac"), Not(Contains("pipe:6"))));
  ffmpeg().describe_input(input_with_aac_lc());
  EXPECT_FALSE(ffmpeg().killed);
  pass(250ms);
  EXPECT_THAT(status().notes, Contains(HasSubstr("it is encoded")));
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(SupervisorTest, SoundThatStopsIsToldAndTheRunGoesOn) {
  start("rtsp://camera/1");
  open();
  play_both(4s, {});
  EXPECT_EQ(status().warning, "");
  play_both(2min, {.sound = false});
  EXPECT_THAT(status().warning, HasSubstr("sound has stopped"));
  EXPECT_EQ(status().state, SourceState::kRunning);
  EXPECT_FALSE(ffmpeg().killed);
  sound_frames_ = run_ms_ * 44'100 / 1000 / 1024;
  play_both(3s, {});
  EXPECT_EQ(status().warning, "");
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(SupervisorTest, StampsThatKeepTimeAreBelieved) {
  start("rtsp://camera/1");
  open();
  play_both(1min, {});
  EXPECT_FALSE(ffmpeg().killed);
  EXPECT_THAT(status().notes, ::testing::IsEmpty());
}

class SupervisorStampsTest : public SupervisorTest, public ::testing::WithParamInterface<double> {};

TEST_P(SupervisorStampsTest, StampsThatLoseTimeAreReplacedByTheArrivalOnce) {
  start("rtsp://camera/1");
  open();
  play_both(20s, {.sound = false, .speed = GetParam()});
  ASSERT_TRUE(ffmpeg().killed);
  const std::size_t before = ffmpegs_.count();
  end({.signal = 9});
  ASSERT_EQ(ffmpegs_.count(), before + 1);
  EXPECT_THAT(ffmpeg().arguments, Contains("-use_wallclock_as_timestamps"));
  open();
  play_both(20s, {.sound = false});
  EXPECT_THAT(status().notes, Contains(HasSubstr("do not keep time")));
  EXPECT_FALSE(ffmpeg().killed);
  EXPECT_EQ(status().restarts, 0U) << "another command is not a restart";
}
INSTANTIATE_TEST_SUITE_P(StandSlowFast, SupervisorStampsTest, ::testing::Values(0.0, 0.5, 1.5));

TEST_F(SupervisorTest, AFaultIsForgottenWhenTheSourceIsOpenedAgainAfterAGoodRun) {
  start("rtsp://camera/1");
  open();
  play_both(20s, {.sound = false, .speed = 0.5});
  end({.signal = 9});
  open();
  play_both(5s, {.sound = false});
  end({.code = 0});
  pass(1s);
  EXPECT_THAT(ffmpeg().arguments, Contains("-use_wallclock_as_timestamps")) << "a short run";
  open();
  play_both(11s, {.sound = false});
  end({.code = 0});
  EXPECT_THAT(ffmpeg().arguments, Not(Contains("-use_wallclock_as_timestamps")));
}

TEST_F(SupervisorTest, SoundThatCouldNotBeDecodedIsTriedAgainAfterAGoodRun) {
  const auto asks_for_sound = [this] {
    return ::testing::Value(ffmpeg().arguments, Contains("0:a:0")) ||
           ::testing::Value(ffmpeg().arguments, Contains("0:1"));
  };
  start("rtsp://camera/1");
  ffmpeg().describe_input(input(true));
  ASSERT_TRUE(asks_for_sound());
  ffmpeg().say("Error while opening decoder for input stream #0:1 : Invalid data",
               LogLevel::kError);
  end();
  ASSERT_FALSE(asks_for_sound());
  open();
  play(11s);
  end({.code = 0});
  EXPECT_TRUE(asks_for_sound());
}

TEST_F(SupervisorTest, SegmentsAndFilesMayComeInBursts) {
  start("http://server/live.m3u8");
  ffmpeg().describe_input({.format = "hls", .streams = input(false).streams});
  if (std::exchange(ffmpeg().killed, false)) end({.signal = 9});
  open(false);
  play_both(20s, {.sound = false, .speed = 0.5});
  EXPECT_THAT(ffmpeg().arguments, Not(Contains("-use_wallclock_as_timestamps")));
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(SupervisorTest, ASourceStampedByItsArrivalThatFloodsIsOpenedAgain) {
  start("tcp://camera:1");
  ffmpeg().describe_input({.format = "h264", .streams = input(false).streams});
  ASSERT_TRUE(std::exchange(ffmpeg().killed, false));
  end({.signal = 9});
  ASSERT_THAT(ffmpeg().arguments, Contains("-use_wallclock_as_timestamps"));
  ffmpeg().describe_input({.format = "h264", .streams = input(false).streams});
  ffmpeg().put_out(
      FlvBuilder().tag(18, 0, metadata(false)).video(0, kAvcConfiguration, true, 0).take());
  play_both(40s, {.sound = false, .speed = 1.5});
  EXPECT_TRUE(ffmpeg().killed);
  end({.signal = 9});
  EXPECT_THAT(status().last_error, HasSubstr("faster than real time"));
}

TEST_F(SupervisorTest, EachAttemptIsMorePatient) {
  start("rtsp://camera/1");
  for (const auto patience : {15s, 30s, 60s, 120s, 120s}) {
    pass(patience - 1s);
    EXPECT_FALSE(ffmpeg().killed) << patience.count();
    pass(1s);
    EXPECT_TRUE(ffmpeg().killed) << patience.count();
    const std::size_t before = ffmpegs_.count();
    end({.signal = 9});
    while (ffmpegs_.count() == before) pass(250ms);
  }
}

TEST_F(SupervisorTest, SourceTimeoutBoundsEveryWait) {
  settings_.source_timeout = 60s;
  start("rtsp://camera/1");
  pass(59s);
  EXPECT_FALSE(ffmpeg().killed);
  open();
  play(2s);
  pass(58s);
  EXPECT_FALSE(ffmpeg().killed);
  pass(2s);
  EXPECT_TRUE(ffmpeg().killed);
}

TEST_F(SupervisorTest, AReceiverWaitsForItsSenderAndListensAgainAtOnce) {
  start("udp://:5000");
  pass(std::chrono::hours(1));
  EXPECT_EQ(ffmpegs_.count(), 1U);
  EXPECT_FALSE(ffmpeg().killed);
  open();
  play(1s);
  EXPECT_EQ(status().state, SourceState::kRunning);
  end({.code = 0});
  EXPECT_EQ(ffmpegs_.count(), 2U);
}

TEST_F(SupervisorTest, AReceiverSaysThatItWaits) {
  start("udp://:5000");
  pass(6s);
  EXPECT_EQ(status().state, SourceState::kWaiting);
  EXPECT_EQ(status().last_error, "waiting for a sender to udp://:5000");
  EXPECT_FALSE(status().retry_at);
  open();
  play(1s);
  EXPECT_EQ(status().state, SourceState::kRunning);
}

TEST_F(SupervisorTest, AReceiverListensAgainAtMostOnceASecond) {
  start("srt://:5000?mode=listener");
  for (std::size_t senders = 1; senders <= 20; ++senders) {
    open();
    play(100ms, 100ms);
    const std::size_t before = ffmpegs_.count();
    end({.code = 0});
    EXPECT_EQ(ffmpegs_.count(), before);
    pass(1s);
    EXPECT_EQ(ffmpegs_.count(), before + 1);
  }
}

TEST_F(SupervisorTest, AReceiverThatCannotListenBacksOff) {
  start("tcp://:5000?listen");
  for (int failures = 0; failures < 3; ++failures) {
    ffmpeg().say("tcp://:5000: Address already in use", LogLevel::kError);
    end();
    EXPECT_THAT(status().last_error, HasSubstr("port is used by another program"));
    pass(1s * (1 << failures));
  }
  EXPECT_EQ(ffmpegs_.count(), 4U);
}

TEST_F(SupervisorTest, ABetterCommandIsTriedAtOnceAndIsNotARestart) {
  start("rtsp://camera/1");
  EXPECT_THAT(ffmpeg().arguments, Contains("pipe:4"));
  ffmpeg().describe_input(input(false));
  EXPECT_TRUE(ffmpeg().killed);
  end({.signal = 9});
  ASSERT_EQ(ffmpegs_.count(), 2U);
  EXPECT_THAT(ffmpeg().arguments, Not(Contains("pipe:4")));
  open();
  play(1s);
  EXPECT_EQ(status().restarts, 0U);
  EXPECT_EQ(status().last_error, "");
}

TEST_F(SupervisorTest, AnOutputOfNoUseIsToldAndTriedAgainLater) {
  start("rtsp://camera/1");
  ffmpeg().describe_input(input(true));
  ffmpeg().put_out("this is not FLV, and never will be");
  EXPECT_TRUE(ffmpeg().killed);
  end({.signal = 9});
  EXPECT_EQ(status().state, SourceState::kWaiting);
  EXPECT_THAT(status().last_error, HasSubstr("FLV"));
}

TEST_F(SupervisorTest, AnFfmpegThatCannotBeStartedIsTriedAgain) {
  ffmpegs_.refuse_with("ffmpeg is not installed");
  start("rtsp://camera/1");
  EXPECT_EQ(status().state, SourceState::kWaiting);
  EXPECT_THAT(status().last_error, HasSubstr("not installed"));
  ffmpegs_.refuse_with("");
  pass(1s);
  EXPECT_EQ(ffmpegs_.count(), 1U);
}

TEST_F(SupervisorTest, AStopWaitsForTheProcess) {
  start("rtsp://camera/1");
  bool stopped = false;
  supervisor_->stop([&] { stopped = true; });
  loop_.poll();
  EXPECT_TRUE(ffmpeg().stopped);
  EXPECT_FALSE(stopped);
  end();
  EXPECT_TRUE(stopped);
  EXPECT_EQ(status().state, SourceState::kStopped);
}

}  // namespace
}  // namespace livestream
