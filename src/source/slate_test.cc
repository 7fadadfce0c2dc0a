#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/stream_settings.h"
#include "media/bit_reader.h"
#include "media/silence.h"
#include "source/slate_command.h"
#include "source/slate_maker.h"
#include "source/slate_producer.h"

namespace livestream {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::string value_of(const std::vector<std::string>& arguments, const std::string& option) {
  const auto found = std::find(arguments.begin(), arguments.end(), option);
  return found == arguments.end() || found + 1 == arguments.end() ? "" : *(found + 1);
}

TEST(SlateCommand, ShowsTheLastPictureOfTheGop) {
  const auto command = slate_command({}, {}, {.gop_frames = 17, .text = true, .ffmpeg = {}});
  EXPECT_EQ(value_of(command, "-i"), "pipe:0");
  EXPECT_EQ(value_of(command, "-protocol_whitelist"), "pipe");
  EXPECT_THAT(value_of(command, "-vf"), HasSubstr("trim=start_frame=16,loop=loop=59:size=1"));
  EXPECT_THAT(value_of(command, "-vf"), HasSubstr("drawtext"));
  EXPECT_EQ(value_of(command, "-t"), "2.000");
}

TEST(SlateCommand, IsDarkenedOnceAndLetteredOnlyWhenTheSourceIsAway) {
  using Look = SlateOrder::Look;
  const auto filter = [](Look look) {
    return value_of(slate_command({}, {}, {.gop_frames = 1, .look = look, .ffmpeg = {}}), "-vf");
  };
  const auto darkens = HasSubstr("lutyuv");
  const auto letters = HasSubstr("drawtext");
  EXPECT_THAT(filter(Look::kAway), AllOf(darkens, letters));
  EXPECT_THAT(filter(Look::kAsItWas), AllOf(Not(darkens), Not(letters)));
  EXPECT_THAT(filter(Look::kOld), AllOf(darkens, Not(letters)));
  EXPECT_THAT(filter(Look::kOldAway), AllOf(Not(darkens), letters));
}

TEST(SlateCommand, PlainPictureHasTheSizeAskedFor) {
  StreamSettings config;
  config.encoding.video_resolution = VideoSize{641, 361};
  config.encoding.video_fps = {30000, 1001};
  const auto command =
      slate_command(config.source, config.encoding, {.gop_frames = 0, .text = false, .ffmpeg = {}});
  EXPECT_THAT(value_of(command, "-i"), HasSubstr("size=640x360:rate=30000/1001"));
  EXPECT_THAT(value_of(command, "-vf"), Not(HasSubstr("drawtext")));
  EXPECT_EQ(value_of(command, "-t"), "2.002");
}

TEST(SlateCommand, EncodesAsTheSourceIsEncoded) {
  StreamSettings config;
  config.encoding.video_maxrate_bps = 2'000'000;
  config.encoding.video_profile = "high";
  const auto command = slate_command(config.source, config.encoding, {});
  EXPECT_EQ(value_of(command, "-profile:v"), "high");
  EXPECT_EQ(value_of(command, "-maxrate"), "2000000");
  EXPECT_EQ(value_of(command, "-g"), "30");
  EXPECT_EQ(
      value_of(slate_command(config.source, config.encoding, {.ffmpeg = {.major = 4, .minor = 4}}),
               "-vsync"),
      "cfr");
}

TEST(SlateCommand, OneFramePerSecondStillAlternates) {
  StreamSettings config;
  config.encoding.video_fps = {1, 1};
  EXPECT_EQ(slate_frames(config.encoding), 2U);
}

TEST(SilentAacFrame, IsAWholeElementThatSaysNothing) {
  for (const std::uint32_t channels : {1U, 2U}) {
    const Bytes frame = silent_aac_frame(channels);
    BitReader bits(frame);
    EXPECT_EQ(bits.bits(3), channels - 1);  // single_channel_element or channel_pair_element
    bits.skip(4);
    if (channels == 2) bits.skip(1);  // common_window
    bits.skip(22 * channels);
    EXPECT_EQ(bits.bits(3), 7U);  // ID_END
    EXPECT_TRUE(bits.ok());
    EXPECT_LE(frame.size(), 7U);
  }
}

class SlateMakerTest : public ::testing::Test {
 protected:
  Result<Slate> make(std::vector<SharedBytes> gop = {}, std::uint64_t frames = 0) {
    std::optional<Result<Slate>> result;
    const auto maker =
        SlateMaker::start(loop_, config_.source, config_.encoding, {.gop_frames = frames},
                          std::move(gop), [&](Result<Slate> slate) { result = std::move(slate); });
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!result && std::chrono::steady_clock::now() < end) {
      loop_.restart();
      loop_.run_one_for(std::chrono::seconds(1));
    }
    return result ? std::move(*result) : fail("no answer");
  }

  StreamSettings config_;
  boost::asio::io_context loop_{1};
};

TEST_F(SlateMakerTest, MakesTwoGops) {
  config_.encoding.video_resolution = VideoSize{64, 48};
  const auto slate = make();
  ASSERT_TRUE(slate) << slate.error().message;
  EXPECT_EQ(slate->frames.size(), 60U);
  EXPECT_EQ(std::count_if(slate->frames.begin(), slate->frames.end(),
                          [](const Sample& frame) { return frame.independent; }),
            2);
  EXPECT_TRUE(slate->frames.front().independent);
  EXPECT_EQ(slate->video.width, 64U);
  ASSERT_TRUE(slate->audio);
  EXPECT_EQ(slate->audio->timescale, 44'100U);
}

TEST_F(SlateMakerTest, AnUnreadableGopGivesAPlainPicture) {
  config_.encoding.video_resolution = VideoSize{64, 48};
  const auto slate = make({SharedBytes(std::string_view("this is not an MP4"))}, 5);
  ASSERT_TRUE(slate) << slate.error().message;
  EXPECT_FALSE(slate->frames.empty());
}

TEST_F(SlateMakerTest, AnEncoderThatDoesNotWorkIsReplaced) {
  config_.encoding.video_codec = "no_such_encoder";
  config_.encoding.video_resolution = VideoSize{64, 48};
  EXPECT_TRUE(make());
}

TEST_F(SlateMakerTest, AMissingProgramIsAnError) {
  config_.source.ffmpeg = "/nonexistent/ffmpeg";
  const auto slate = make();
  ASSERT_FALSE(slate);
  EXPECT_THAT(slate.error().message, HasSubstr("/nonexistent/ffmpeg"));
}

TEST_F(SlateMakerTest, AnOldPictureStandsUntilASlateIsMadeOfIt) {
  config_.encoding.video_resolution = VideoSize{64, 48};
  const auto picture = make();
  ASSERT_TRUE(picture) << picture.error().message;
  SystemClock clock;
  Stream stream("test", "0");
  StreamWriter writer(stream, clock, config_.encoding.video_fps);
  SlateProducer slate(loop_, config_.source, config_.encoding, stream, writer, clock,
                      Log::silent());
  slate.show_old(*picture);
  EXPECT_TRUE(slate.shows_old());
  EXPECT_TRUE(stream.ready()) << "from the first moment on";
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (slate.shows_old() && std::chrono::steady_clock::now() < end) {
    slate.source_away(SlateProducer::kPlayAfter, {});
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds(20));
  }
  EXPECT_FALSE(slate.shows_old());
  EXPECT_TRUE(slate.playing());
  slate.show_old(*picture);
  EXPECT_FALSE(slate.shows_old()) << "the source is known to be away";
  slate.stop();
  EXPECT_FALSE(slate.playing());
}

TEST(SlateProducer, TriesAgainWhenNoneCouldBeMade) {
  using std::chrono::milliseconds;
  boost::asio::io_context loop;
  StreamSettings config;
  config.source.ffmpeg = "no-such-program";
  SystemClock clock;
  Stream stream("test", "0");
  StreamWriter writer(stream, clock, config.encoding.video_fps);
  SlateProducer slate(loop, config.source, config.encoding, stream, writer, clock, Log::silent());
  slate.source_away(SlateProducer::kPlayAfter, {});
  loop.run();
  config.source.ffmpeg = "ffmpeg";
  slate.source_away(SlateProducer::kMakeAgainAfter, {});
  loop.restart();
  EXPECT_EQ(loop.run(), 0U) << "too early";
  const milliseconds later = SlateProducer::kPlayAfter + SlateProducer::kMakeAgainAfter;
  slate.source_away(later, {});
  loop.restart();
  loop.run();
  slate.source_away(later, {});
  EXPECT_TRUE(slate.playing());
}

}  // namespace
}  // namespace livestream
