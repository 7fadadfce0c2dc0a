#include "source/encoder_arguments.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/made_command_for_test.h"

namespace livestream {
namespace {

using ::testing::Contains;
using ::testing::Not;

TEST(EncoderArguments, QualitySetsSizeAndCrfAndWins) {
  const struct {
    double quality;
    const char* scale;
    const char* crf;
  } rows[] = {{1.0, "1", "18"},
              {0.75, "0.8125", "24"},
              {0.5, "0.625", "29"},
              {0.25, "0.4375", "35"},
              {0.0, "0.25", "40"}};
  for (const auto& row : rows) {
    StreamSettings config = config_for("a.mp4");
    config.encoding.video_quality = row.quality;
    config.encoding.video_crf = 30;
    config.encoding.video_resolution = VideoSize{320, 240};
    const Arguments arguments = command(config);
    const std::string scale = row.scale;
    EXPECT_EQ(value_of(arguments, "-vf"), "scale=w='max(2,trunc(iw*sar*" + scale +
                                              "/2+0.01)*2)':h='max(2,trunc(ih*" + scale +
                                              "/2+0.01)*2)',setsar=1,format=yuv420p");
    EXPECT_EQ(value_of(arguments, "-crf"), row.crf);
  }
}

TEST(EncoderArguments, ResolutionIsExactEvenAndUndistorted) {
  StreamSettings config = config_for("a.mp4");
  config.encoding.video_resolution = VideoSize{1281, 721};
  EXPECT_EQ(value_of(command(config), "-vf"),
            "scale=eval=frame:w='max(2,trunc(min(1280,720*dar)/2+0.01)*2)':"
            "h='max(2,trunc(min(720,1280/dar)/2+0.01)*2)',"
            "pad=eval=frame:w=1280:h=720:x=(ow-iw)/2:y=(oh-ih)/2,setsar=1,format=yuv420p");
}

TEST(EncoderArguments, RateCapGopAndAudioFollowTheConfiguration) {
  StreamSettings config = config_for("a.mp4");
  config.encoding.video_fps = {30000, 1001};
  config.encoding.video_maxrate_bps = 4'000'000;
  config.encoding.audio_bitrate_bps = 96'000;
  config.encoding.video_preset = "veryfast";
  config.encoding.video_profile = "high";
  config.encoding.video_crf = 28;
  config.source.ffmpeg = "/opt/ffmpeg";
  const Arguments arguments = command(config);
  EXPECT_EQ(arguments.front(), "/opt/ffmpeg");
  EXPECT_EQ(value_of(arguments, "-r"), "30000/1001");
  EXPECT_EQ(value_of(arguments, "-g"), "30");
  EXPECT_EQ(value_of(arguments, "-maxrate"), "4000000");
  EXPECT_EQ(value_of(arguments, "-bufsize"), "4000000");
  EXPECT_EQ(value_of(arguments, "-b:a"), "96000");
  EXPECT_EQ(value_of(arguments, "-preset"), "veryfast");
  EXPECT_EQ(value_of(arguments, "-profile:v"), "high");
  EXPECT_EQ(value_of(arguments, "-crf"), "28");
  EXPECT_THAT(arguments, Not(Contains("-level")));
}

TEST(EncoderArguments, OldFfmpegIsToldInItsOwnWords) {
  CommandFacts facts;
  facts.ffmpeg.major = 4;
  facts.ffmpeg.minor = 4;
  EXPECT_EQ(value_of(command("a.mp4", facts), "-vsync"), "cfr");
  EXPECT_THAT(command("a.mp4", facts), Not(Contains("-fps_mode")));
  facts.ffmpeg.major = 5;
  facts.ffmpeg.minor = 1;
  EXPECT_EQ(value_of(command("a.mp4", facts), "-fps_mode"), "cfr");
}

TEST(EncoderArguments, OtherEncodersGetTheirOwnArguments) {
  const struct {
    const char* codec;
    Arguments expected;
    const char* pixels;
  } rows[] = {
      {"h264_nvenc",
       {"-preset", "p1", "-tune", "ull", "-profile:v", "baseline", "-rc", "vbr", "-cq", "23",
        "-b:v", "0", "-zerolatency", "1", "-forced-idr", "1", "-no-scenecut", "1"},
       "format=yuv420p"},
      {"h264_vaapi", {"-profile:v", "constrained_baseline", "-qp", "23"}, "format=nv12,hwupload"},
      {"h264_qsv",
       {"-preset", "veryfast", "-profile:v", "baseline", "-global_quality", "23", "-async_depth",
        "1", "-look_ahead", "0", "-forced_idr", "1"},
       "format=nv12"},
      {"h264_videotoolbox",
       {"-profile:v", "baseline", "-realtime", "1", "-allow_sw", "1", "-b:v", "4000000"},
       "format=yuv420p"},
      {"h264_v4l2m2m", {"-b:v", "4000000"}, "format=yuv420p"},
      {"libopenh264",
       {"-profile:v", "constrained_baseline", "-allow_skip_frames", "0", "-b:v", "4000000"},
       "format=yuv420p"},
      {"h264_other", {"-b:v", "4000000"}, "format=yuv420p"},
  };
  for (const auto& row : rows) {
    StreamSettings config = config_for("a.mp4");
    config.encoding.video_codec = row.codec;
    const Arguments arguments = command(config);
    const auto at = std::find(arguments.begin(), arguments.end(), "-c:v") + 1;
    EXPECT_EQ(*at, row.codec);
    Arguments rest(at + 1, arguments.end());
    ASSERT_GE(rest.size(), row.expected.size());
    rest.resize(row.expected.size() + 1);
    EXPECT_EQ(rest.back(), "-g") << row.codec;
    rest.pop_back();
    EXPECT_EQ(rest, row.expected) << row.codec;
    EXPECT_THAT(value_of(arguments, "-vf"), testing::EndsWith(row.pixels));
    EXPECT_EQ(value_of(arguments, "-vaapi_device"),
              std::string(row.codec) == "h264_vaapi" ? "/dev/dri/renderD128" : "(absent)");
  }
}

}  // namespace
}  // namespace livestream
