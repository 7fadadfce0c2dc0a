#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/stream_settings.h"
#include "isobmff/box_reader.h"
#include "isobmff/state_message.h"
#include "source/supervisor.h"

namespace livestream {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::Not;
using namespace std::chrono_literals;

class ShiftedClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return system_.now() + shift; }
  [[nodiscard]] WallTime wall_now() const override { return system_.wall_now() + shift; }
  std::chrono::seconds shift{0};

 private:
  SystemClock system_;
};

// The real ffmpeg, a real loop, and a stream; each wait ends as soon as what it waits for is so.
class SupervisorWithFfmpegTest : public ::testing::Test, private StreamListener {
 protected:
  SupervisorWithFfmpegTest() : stream_("live", "e1") {
    config_.source.video_file = "demo";
    config_.source.video_file_is_default = false;
    stream_.set_listeners({this});
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  ~SupervisorWithFfmpegTest() override {
    stop();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    supervisor_ = std::make_unique<Supervisor>(Supervisor::Parts{.ingest = loop_,
                                                                 .stream = stream_,
                                                                 .writer = writer_,
                                                                 .demand = demand_,
                                                                 .clock = clock_,
                                                                 .log = Log::silent(),
                                                                 .ffmpeg = ffmpeg_starter(loop_),
                                                                 .chance = [] { return 0.0; }},
                                               config_.source, config_.encoding,
                                               detect_source(config_.source).value());
    supervisor_->start();
  }

  void stop() {
    if (!supervisor_) return;
    bool stopped = false;
    supervisor_->stop([&] { stopped = true; });
    EXPECT_TRUE(run_until([&] { return stopped; }, 2s));
    supervisor_.reset();
  }

  bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit = 10s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      const auto left = end - std::chrono::steady_clock::now();
      if (left <= 0ms) return false;
      loop_.restart();
      loop_.run_one_for(left);
    }
    return true;
  }

  SourceStatus status() const { return stream_.source_status(); }

  // When the keyframes in `bytes`, whole boxes, are shown.
  std::vector<double> keyframe_times_s(const std::string& bytes) const {
    const double timescale = stream_.generation()->description.track(TrackKind::kVideo)->timescale;
    std::vector<double> times;
    BoxReader boxes({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    for (Box box; boxes.next(box) == BoxOutcome::kComplete;) {
      if (box.type != "prft") continue;
      ByteReader prft(box.payload);
      prft.skip(16);  // version, flags, track, wall clock
      times.push_back(static_cast<double>(prft.u64()) / timescale);
    }
    EXPECT_TRUE(boxes.rest().empty());
    return times;
  }

  std::string clip(const std::string& name, const std::string& arguments) {
    const std::string path = (folder_ / name).string();
    const std::string command = "ffmpeg -nostdin -v error -y " + arguments + " " + path;
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return path;
  }

  StreamSettings config_;
  boost::asio::io_context loop_{1};
  ShiftedClock clock_;
  Stream stream_;
  Demand demand_{[] {}};
  std::filesystem::path folder_;
  std::string bytes_;  // everything that a viewer from the beginning would have received
  StreamWriter writer_{stream_, clock_};
  std::unique_ptr<Supervisor> supervisor_;

 private:
  void on_published() override {
    while (const auto batch = stream_.read(cursor_)) {
      for (const SharedBytes& block : batch->blocks->blocks()) {
        bytes_.append(reinterpret_cast<const char*>(block.data()), block.size());
      }
      cursor_ = batch->after;
    }
  }
  Cursor cursor_;
};

TEST_F(SupervisorWithFfmpegTest, FeedsTheStreamAndLeavesNoProcessBehind) {
  start();
  EXPECT_EQ(status().kind, "demo");
  ASSERT_TRUE(run_until([&] { return stream_.ready(); }));
  EXPECT_EQ(status().state, SourceState::kRunning);
  const int pid = status().ffmpeg_pid;
  ASSERT_GT(pid, 0);
  stop();
  EXPECT_EQ(status().state, SourceState::kStopped);
  EXPECT_EQ(status().ffmpeg_pid, 0);
  EXPECT_NE(::kill(pid, 0), 0);
  // A slate that was being made on a slow machine ends a moment later.
  const auto childless = [] {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1;
  };
  EXPECT_TRUE(run_until(childless, 2s)) << "a zombie is left";
}

TEST_F(SupervisorWithFfmpegTest, RestartsAtOnceAfterAKillOfALongRun) {
  start();
  ASSERT_TRUE(run_until([&] { return stream_.ready(); }));
  clock_.shift = 11s;
  const int first = status().ffmpeg_pid;
  ::kill(first, SIGKILL);
  ASSERT_TRUE(run_until(
      [&] { return status().restarts == 1 && status().state == SourceState::kRunning; }, 2s));
  EXPECT_NE(status().ffmpeg_pid, first);
  EXPECT_THAT(status().last_error, HasSubstr("signal 9"));
}

TEST_F(SupervisorWithFfmpegTest, AStallIsEndedAndSurvived) {
  start();
  ASSERT_TRUE(run_until([&] { return stream_.totals().fragments > 20; }));
  ::kill(status().ffmpeg_pid, SIGSTOP);
  loop_.restart();
  loop_.poll();  // what it had written before
  clock_.shift = 6s;
  ASSERT_TRUE(run_until([&] { return status().restarts == 1; }, 4s));
  EXPECT_THAT(status().last_error, HasSubstr("nothing came from the source for 5 s"));
  EXPECT_TRUE(run_until([&] { return status().state == SourceState::kRunning; }, 2s));
}

TEST_F(SupervisorWithFfmpegTest, StartedAgainItGoesOnInTheSameTime) {
  start();
  ASSERT_TRUE(run_until([&] { return stream_.totals().fragments > 20; }));
  bool stopped = false;
  supervisor_->stop([&] { stopped = true; });
  ASSERT_TRUE(run_until([&] { return stopped; }, 2s));
  EXPECT_EQ(status().ffmpeg_pid, 0);
  stream_.clear();
  clock_.shift = 100s;
  const std::size_t before = bytes_.size();
  supervisor_->start();
  ASSERT_TRUE(run_until([&] { return stream_.ready(); }));
  EXPECT_EQ(status().state, SourceState::kRunning);
  EXPECT_EQ(status().restarts, 0U);
  // The rest is a gap of its own length.
  EXPECT_THAT(keyframe_times_s(bytes_.substr(0, before)), AllOf(Not(IsEmpty()), Each(Lt(50.0))));
  EXPECT_THAT(keyframe_times_s(bytes_.substr(before)), AllOf(Not(IsEmpty()), Each(Gt(100.0))));
}

TEST_F(SupervisorWithFfmpegTest, AnFfmpegThatClosedItsOutputIsEnded) {
  config_.source.ffmpeg = (folder_ / "ffmpeg").string();
  std::ofstream(config_.source.ffmpeg) << "#!/bin/sh\nexec ffmpeg \"$@\" >/dev/null\n";
  std::filesystem::permissions(config_.source.ffmpeg, std::filesystem::perms::owner_all);
  start();
  ASSERT_TRUE(run_until([&] { return status().state == SourceState::kWaiting; }, 8s));
  EXPECT_THAT(status().last_error, HasSubstr("closed its output"));
}

TEST_F(SupervisorWithFfmpegTest, AMissingSourceIsReportedAndRetried) {
  config_.source.video_file = (folder_ / "none.mp4").string();
  start();
  ASSERT_TRUE(run_until([&] { return status().state == SourceState::kWaiting; }));
  EXPECT_THAT(status().last_error, HasSubstr("does not exist"));
  EXPECT_TRUE(status().retry_at);
  std::filesystem::rename(clip("a.mp4", "-f lavfi -i testsrc2=s=64x64:r=30 -t 1"),
                          config_.source.video_file);
  EXPECT_TRUE(run_until([&] { return stream_.ready(); }));
}

TEST_F(SupervisorWithFfmpegTest, SoundAloneIsCorrectedWithoutARestartOfTheUsersKind) {
  config_.source.video_file = clip("a.mp3", "-f lavfi -i sine=440 -t 2");
  start();
  ASSERT_TRUE(run_until([&] { return stream_.ready(); }));
  EXPECT_EQ(status().restarts, 0U);
  EXPECT_NE(stream_.generation(), nullptr);
}

TEST_F(SupervisorWithFfmpegTest, CopyingRefusesBFramesWithTheCure) {
  config_.source.video_file =
      clip("b.mp4", "-f lavfi -i testsrc2=s=64x64:r=30 -t 1 -c:v libx264 -bf 2 -pix_fmt yuv420p");
  config_.encoding.video_codec = "copy";
  start();
  ASSERT_TRUE(run_until([&] { return status().state == SourceState::kWaiting; }));
  EXPECT_THAT(status().last_error, HasSubstr("B-frames"));
  EXPECT_THAT(status().last_error, HasSubstr("VIDEO_CODEC=libx264"));
  EXPECT_FALSE(stream_.ready());
}

TEST_F(SupervisorWithFfmpegTest, FollowsAFileWhileItGrows) {
  const std::string whole = clip(
      "whole.mkv", "-f lavfi -i testsrc2=s=64x64:r=30 -t 2 -c:v libx264 -g 10 -pix_fmt yuv420p");
  std::ifstream source(whole, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(source)),
                            std::istreambuf_iterator<char>());
  config_.source.video_file = (folder_ / "growing.mkv").string();
  config_.source.growing_file = true;
  start();
  ASSERT_TRUE(run_until([&] { return status().state == SourceState::kWaiting; }));
  std::ofstream growing(config_.source.video_file, std::ios::binary);
  growing << content.substr(0, content.size() / 2) << std::flush;
  ASSERT_TRUE(run_until([&] { return stream_.ready(); }));
  // The recording pauses: the source waits but the run goes on.
  ASSERT_TRUE(run_until([&] { return status().state == SourceState::kWaiting; }));
  EXPECT_THAT(bytes_, HasSubstr(std::string(kStateScheme)));
  EXPECT_THAT(bytes_, HasSubstr("{\"state\":\"waiting\""));
  growing << content.substr(content.size() / 2) << std::flush;
  EXPECT_TRUE(run_until([&] { return status().state == SourceState::kRunning; }));
  EXPECT_EQ(status().restarts, 0U);
}

TEST_F(SupervisorWithFfmpegTest, AMissingProgramIsReported) {
  config_.source.ffmpeg = "/nonexistent/ffmpeg";
  start();
  ASSERT_TRUE(run_until([&] { return status().state == SourceState::kWaiting; }));
  EXPECT_THAT(status().last_error, HasSubstr("FFMPEG=/nonexistent/ffmpeg"));
}

}  // namespace
}  // namespace livestream
