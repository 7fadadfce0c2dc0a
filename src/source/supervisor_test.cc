#include "source/supervisor.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock_for_test.h"
#include "flv/flv_builder_for_test.h"
#include "source/fake_ffmpeg_for_test.h"
#include "source/relayed_picture_for_test.h"

namespace livestream {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

// A supervisor whose ffmpeg is played by the test, and whose time passes only where the test says.
class SupervisorTest : public ::testing::Test {
 protected:
  void start(const std::string& video_file) {
    settings_.video_file = video_file;
    settings_.video_file_is_default = false;
    settings_.slate = false;
    supervisor_ =
        std::make_unique<Supervisor>(Supervisor::Parts{.ingest = loop_,
                                                       .stream = stream_,
                                                       .writer = writer_,
                                                       .demand = *demand_,
                                                       .clock = clock_,
                                                       .log = Log::silent(),
                                                       .ffmpeg = ffmpegs_.starter(),
                                                       .chance = [] { return 0.0; }},
                                     settings_, encoding_, detect_source(settings_).value());
    supervisor_->start();
  }

  // The source's tracks, as the newest ffmpeg describes them, or the one that takes its place for
  // that; then its first bytes.
  void open(bool has_audio = true) {
    ffmpeg().describe_input(input(has_audio));
    if (std::exchange(ffmpeg().killed, false)) {
      end({.signal = 9});
      ffmpeg().describe_input(input(has_audio));
    }
    ffmpeg().put_out(
        FlvBuilder().tag(18, 0, metadata(false)).video(0, kAvcConfiguration, true, 0).take());
  }
  static InputFacts input(bool has_audio) {
    InputFacts facts{.format = "mpegts"};
    facts.streams = {{.index = 0, .kind = StreamKind::kVideo, .codec = "h264"}};
    if (has_audio)
      facts.streams.push_back({.index = 1, .kind = StreamKind::kAudio, .codec = "aac"});
    return facts;
  }

  // One picture at this time of the run. FLV without its file header, which open() has given.
  void picture(std::uint32_t ms) {
    const Bytes flv = FlvBuilder().video(ms, kIdr, true).take();
    ffmpeg().put_out(ByteView(flv).subspan(13));
  }
  // Pictures for so long, each with the passing of its time.
  void play(std::chrono::milliseconds time, std::chrono::milliseconds gap = 500ms) {
    for (auto at = 0ms; at < time; at += gap) {
      picture(static_cast<std::uint32_t>(run_ms_));
      run_ms_ += gap.count();
      pass(gap);
    }
  }
  // Picture and sound of a run that open() has begun, each with the passing of its time; `frames`:
  // what ffmpeg reports to have coded of the picture, and `speed` how fast its stamps run.
  struct Playing {
    bool picture = true;
    bool sound = true;
    double speed = 1;
  };
  void play_both(std::chrono::milliseconds time, const Playing& what) {
    constexpr auto kStep = 100ms;
    for (auto at = 0ms; at < time; at += kStep) {
      if (what.picture) {
        picture(static_cast<std::uint32_t>(static_cast<double>(run_ms_) * what.speed));
        ++frames_;
      }
      if (what.sound) sound(run_ms_, kStep);
      ffmpeg().report({.media_time = std::chrono::milliseconds(run_ms_), .frames = frames_});
      run_ms_ += kStep.count();
      pass(kStep);
    }
  }
  void sound(std::int64_t from_ms, std::chrono::milliseconds time) {
    FlvBuilder flv;
    if (from_ms == 0) flv.audio(0, kAacConfiguration, 0);
    const auto stamp = [](std::int64_t frame) { return frame * 1024 * 1000 / 44'100; };
    for (; stamp(sound_frames_) < from_ms + time.count(); ++sound_frames_)
      flv.audio(static_cast<std::uint32_t>(stamp(sound_frames_)), kAacFrame);
    const Bytes bytes = flv.take();
    ffmpeg().put_out_sound(ByteView(bytes).subspan(from_ms == 0 ? 0 : 13));
  }
  void pass(std::chrono::milliseconds time) {
    for (auto left = time; left > 0ms; left -= std::min(left, 250ms)) {
      clock_.passed += std::min(left, std::chrono::milliseconds(250));
      supervisor_->tick();
      loop_.restart();
      loop_.poll();
    }
  }
  void end(const ExitStatus& status = {.code = 1}) {
    run_ms_ = 0;
    sound_frames_ = 0;
    frames_ = 0;
    ffmpeg().end(status);
    loop_.restart();
    loop_.poll();
  }

  FakeFfmpeg& ffmpeg() { return ffmpegs_.last(); }
  SourceStatus status() const { return stream_.source_status(); }

  boost::asio::io_context loop_{1};
  ManualClock clock_;
  FakeFfmpegs ffmpegs_;
  SourceSettings settings_;
  EncodingSettings encoding_;
  Stream stream_{"live", "e1"};
  std::shared_ptr<Demand> demand_ = std::make_shared<Demand>([] {});
  std::int64_t run_ms_ = 0;
  std::int64_t sound_frames_ = 0;
  std::uint64_t frames_ = 0;
  StreamWriter writer_{stream_, clock_};
  std::unique_ptr<Supervisor> supervisor_;
};

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

class SupervisorFileTest : public SupervisorTest {
 protected:
  SupervisorFileTest()
      : path_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() +
              ".png") {
    std::ofstream(path_) << "old";
  }
  ~SupervisorFileTest() override { std::filesystem::remove(path_); }
  const std::string path_;
};

TEST_F(SupervisorFileTest, TheNextPassIsOpenedBeforeTheLastOneHasBeenPlayed) {
  start("clip.mp4");
  open();
  picture(0);
  picture(1'000);
  end({.code = 0});
  ASSERT_EQ(ffmpegs_.count(), 2U);
  EXPECT_EQ(status().state, SourceState::kRunning);
  const std::uint64_t before = stream_.newest();
  open();
  picture(0);
  EXPECT_EQ(stream_.newest(), before) << "the first pass has a second to go";
  EXPECT_EQ(status().restarts, 0U);
  EXPECT_EQ(status().last_error, "");
}

TEST_F(SupervisorFileTest, AnEncoderThatFailsAtTheEndDoesNotEndThePlaying) {
  start("clip.mp4");
  open();
  picture(0);
  FakeFfmpeg& reading = ffmpeg();
  const std::size_t before = ffmpegs_.count();
  reading.put_out_pictures(relayed_picture(16, 16, 100));
  reading.put_out_pictures(relayed_picture(24, 32, 100));
  ASSERT_EQ(ffmpegs_.count(), before + 1);
  FakeFfmpeg& encoder = ffmpeg();
  reading.end({.code = 0});
  ASSERT_EQ(ffmpegs_.count(), before + 2) << "the next pass is open";
  open();
  picture(0);
  const std::uint64_t newest = stream_.newest();
  encoder.end({.signal = 11});
  pass(2s);
  EXPECT_GT(stream_.newest(), newest) << "the next pass plays";
  EXPECT_EQ(status().state, SourceState::kRunning);
}

TEST_F(SupervisorFileTest, AFileIsReadOnlySoFarAhead) {
  start("clip.mp4");
  open(false);
  picture(0);
  EXPECT_FALSE(ffmpeg().held);
  picture(1'900);
  EXPECT_FALSE(ffmpeg().held);
  picture(2'100);
  EXPECT_TRUE(ffmpeg().held);
}

TEST_F(SupervisorFileTest, APassThatFailsIsTriedAgainAfterTheLastOneHasBeenPlayed) {
  start("clip.mp4");
  open();
  picture(0);
  picture(1);
  end({.code = 0});
  ffmpeg().say("clip.mp4: Input/output error", LogLevel::kError);
  ffmpegs_.last().end({.code = 1});
  clock_.passed += 10ms;
  loop_.restart();
  loop_.run_for(500ms);
  EXPECT_EQ(status().state, SourceState::kWaiting);
  EXPECT_THAT(status().last_error, Not(""));
}

TEST_F(SupervisorFileTest, APassThatWaitsIsOpenedAgainWhenItsFileHasChanged) {
  start(path_);
  open();
  picture(0);
  picture(1);
  end({.code = 0});
  open();
  picture(0);
  const std::size_t opened = ffmpegs_.count();
  std::ofstream(path_) << "a new clip";
  pass(0ms);
  EXPECT_EQ(ffmpegs_.count(), opened) << "the first pass is still played";
  clock_.passed += 10ms;
  loop_.restart();
  loop_.run_for(500ms);
  EXPECT_EQ(ffmpegs_.count(), opened + 1);
  open();
  const std::uint64_t before = stream_.newest();
  picture(0);
  pass(250ms);
  EXPECT_GT(stream_.newest(), before);
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(SupervisorTest, AnHttpFileThatIsReadAtOnceIsAskedForAgainBeforeItHasBeenPlayed) {
  start("http://server/clip.ts");
  open();
  for (std::uint32_t ms = 0; ms <= 3'000; ms += 500) picture(ms);
  end({.code = 0});
  const std::size_t opened = ffmpegs_.count();
  pass(750ms);
  EXPECT_EQ(ffmpegs_.count(), opened) << "it is asked once a second at most";
  pass(500ms);
  EXPECT_EQ(ffmpegs_.count(), opened + 1);
  EXPECT_EQ(status().state, SourceState::kRunning);
}

TEST_F(SupervisorFileTest, AStillPictureIsReadAgainWhenItsFileHasChanged) {
  start(path_);
  open(false);
  picture(0);
  end({.code = 0});
  const std::size_t before = ffmpegs_.count();
  pass(1min);
  EXPECT_EQ(ffmpegs_.count(), before);
  EXPECT_EQ(status().state, SourceState::kRunning);
  std::ofstream(path_) << "a new picture";
  pass(1s);
  EXPECT_EQ(ffmpegs_.count(), before + 1);
}

TEST_F(SupervisorTest, ASnapshotIsAskedOnceASecond) {
  start("http://camera/snapshot.jpg");
  for (int i = 0; i < 5; ++i) {
    open(false);
    picture(0);
    end({.code = 0});
    const std::size_t asked = ffmpegs_.count();
    pass(750ms);
    EXPECT_EQ(ffmpegs_.count(), asked);
    pass(250ms);
    EXPECT_EQ(ffmpegs_.count(), asked + 1);
  }
  EXPECT_EQ(status().state, SourceState::kRunning);
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(SupervisorTest, ASnapshotAddressMayRefuseNowAndThen) {
  start("http://camera/snapshot.jpg");
  open(false);
  picture(0);
  end({.code = 0});
  for (int i = 0; i < 4; ++i) {
    pass(1250ms);
    ffmpeg().say("Server returned 5XX Server Error reply", LogLevel::kError);
    end();
  }
  EXPECT_EQ(status().state, SourceState::kRunning);
  pass(1250ms);
  picture(0);
  pass(250ms);
  EXPECT_EQ(status().state, SourceState::kRunning);
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(SupervisorTest, ASnapshotAddressThatAlwaysRefusesIsAway) {
  start("http://camera/snapshot.jpg");
  open(false);
  picture(0);
  end({.code = 0});
  for (int i = 0; i < 5; ++i) {
    pass(1250ms);
    end();
  }
  EXPECT_EQ(status().state, SourceState::kWaiting);
}

TEST_F(SupervisorTest, ASnapshotThatNeverComesIsEnded) {
  start("http://camera/snapshot.jpg");
  open(false);
  picture(0);
  end({.code = 0});
  pass(1250ms);
  ASSERT_TRUE(ffmpeg().alive);
  pass(16s);
  EXPECT_TRUE(ffmpeg().killed);
}

TEST_F(SupervisorFileTest, AStillPictureStandsUntilItsFileIsGoodAgain) {
  start(path_);
  open(false);
  picture(0);
  end({.code = 0});
  std::ofstream(path_) << "a broken picture";
  pass(1s);
  end();
  EXPECT_EQ(status().state, SourceState::kRunning);
  const std::size_t before = ffmpegs_.count();
  pass(10s);
  EXPECT_EQ(ffmpegs_.count(), before) << "it has not changed since";
  std::ofstream(path_) << "the picture after that";
  pass(1s);
  EXPECT_EQ(ffmpegs_.count(), before + 1);
}

}  // namespace
}  // namespace livestream
