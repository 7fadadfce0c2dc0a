#include "source/ffmpeg_check.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/fake_ffmpeg_for_test.h"

namespace livestream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kEncoders =
    "Encoders:\n ------\n V....D libx264   libx264 H.264\n A....D aac   AAC\n";

class FfmpegCheckTest : public ::testing::Test {
 protected:
  void check() {
    check_ = std::make_unique<FfmpegCheck>(loop_, starter_, settings_,
                                           [this](Result<FfmpegInfo> info) { found_ = info; });
    check_->start();
  }

  boost::asio::io_context loop_{1};
  FakeFfmpegs ffmpegs_;
  FfmpegStarter starter_ = ffmpegs_.starter();
  StreamSettings settings_;
  std::optional<Result<FfmpegInfo>> found_;
  std::unique_ptr<FfmpegCheck> check_;
};

TEST_F(FfmpegCheckTest, TellsVersionAndEncoders) {
  check();
  EXPECT_THAT(ffmpegs_.last().arguments, ElementsAre("ffmpeg", "-nostdin", "-encoders"));
  ffmpegs_.last().say("ffmpeg version 6.1.1 Copyright");
  ffmpegs_.last().put_out(kEncoders);
  ffmpegs_.last().end({});
  ASSERT_TRUE(found_ && *found_);
  EXPECT_EQ((*found_)->major, 6);
  EXPECT_TRUE((*found_)->encoders.contains("libx264"));
}

TEST_F(FfmpegCheckTest, AnUnusableOneIsToldWithTheCure) {
  settings_.encoding.video_codec = "h264_qsv";
  check();
  ffmpegs_.last().say("ffmpeg version 6.1.1 Copyright");
  ffmpegs_.last().put_out(kEncoders);
  ffmpegs_.last().end({});
  ASSERT_TRUE(found_);
  EXPECT_THAT(found_->error().message, HasSubstr("use libx264"));
}

TEST_F(FfmpegCheckTest, OneThatWasKilledSaysNothing) {
  check();
  ffmpegs_.last().end({.signal = 9});
  ASSERT_TRUE(found_ && *found_);
  EXPECT_TRUE((*found_)->encoders.empty());
}

TEST_F(FfmpegCheckTest, OneThatWasReapedByOthersSaysNothing) {
  check();
  ffmpegs_.last().end({.code = ExitStatus::kUnknown});
  ASSERT_TRUE(found_ && *found_);
}

TEST_F(FfmpegCheckTest, DestroyedItKillsAndTellsNothing) {
  check();
  check_.reset();
  EXPECT_TRUE(ffmpegs_.last().killed);
  EXPECT_FALSE(found_);
}

TEST_F(FfmpegCheckTest, AMissingProgramIsToldAtOnce) {
  ffmpegs_.refuse_with("no-such-ffmpeg is not installed");
  check();
  ASSERT_TRUE(found_);
  EXPECT_THAT(found_->error().message, HasSubstr("not installed"));
}

}  // namespace
}  // namespace livestream
