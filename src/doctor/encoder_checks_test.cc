#include "doctor/encoder_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ToolResult works() {
  ToolResult result;
  result.output = "FLV";
  return result;
}

ToolResult breaks() {
  ToolResult result;
  result.exit.code = 1;
  result.errors = {"h264_nvenc: Cannot load libcuda.so.1", "Conversion failed!"};
  return result;
}

TEST(EncoderChecks, TryWhatFfmpegListsOfTheShortListAndWhatStreamsAskFor) {
  FfmpegInfo info;
  info.encoders = {"libx264", "h264_nvenc", "libopenh264", "aac", "png"};
  EXPECT_THAT(encoders_to_try(info, {"libx264"}), ElementsAre("libx264", "h264_nvenc"));
  EXPECT_THAT(encoders_to_try(info, {"libopenh264", "h264_none"}),
              ElementsAre("libx264", "h264_nvenc", "libopenh264"));
}

TEST(EncoderChecks, EncodeTenFramesAsTheServerDoes) {
  const auto arguments = encoder_trial("/opt/ffmpeg", {}, "h264_vaapi");
  EXPECT_EQ(arguments.front(), "/opt/ffmpeg");
  EXPECT_THAT(arguments, Contains("-vaapi_device"));
  EXPECT_THAT(arguments, Contains("null,format=nv12,hwupload"));
  EXPECT_THAT(arguments, Contains("10"));
  EXPECT_EQ(arguments.back(), "pipe:1");
}

TEST(EncoderChecks, NameTheCauseAndTheCureWhereItIsNeeded) {
  const Check check = encoder_check("h264_nvenc", breaks(), true);
  EXPECT_EQ(check.verdict, Verdict::kFault);
  EXPECT_THAT(check.text, HasSubstr("Cannot load libcuda.so.1"));
  EXPECT_THAT(check.text, HasSubstr("NVIDIA's own driver"));
}

TEST(EncoderChecks, DoNotBlameHardwareThatIsNotAskedFor) {
  EXPECT_EQ(encoder_check("h264_nvenc", breaks(), false).verdict, Verdict::kOk);
  EXPECT_THAT(encoder_check("h264_nvenc", breaks(), false).text, HasSubstr("does not work"));
}

TEST(EncoderChecks, BelieveOnlyAnEncoderThatGaveSomething) {
  EXPECT_EQ(encoder_check("libx264", works(), true).verdict, Verdict::kOk);
  EXPECT_EQ(encoder_check("libx264", ToolResult{}, true).verdict, Verdict::kFault);
  ToolResult hangs = works();
  hangs.timed_out = true;
  EXPECT_THAT(encoder_check("libx264", hangs, true).text, HasSubstr("does not come to an end"));
}

TEST(EncoderChecks, TellTheVersionOrWhyFfmpegIsOfNoUse) {
  FfmpegInfo info;
  ToolResult result;
  result.log = "ffmpeg version 6.1.1 Copyright (c)\n";
  result.output = " ------\n V..... libx264  x\n A..... aac  y\n";
  EXPECT_THAT(ffmpeg_check("/bin/sh", result, info).text, HasSubstr("/bin/sh, version 6.1"));
  EXPECT_TRUE(info.encoders.contains("libx264"));
  result.log = "ffmpeg version 3.4 Copyright (c)\n";
  EXPECT_THAT(ffmpeg_check("/bin/sh", result, info).text, HasSubstr("too old"));
  EXPECT_EQ(ffmpeg_check("/bin/sh", ToolResult{}, info).verdict, Verdict::kFault);
}

TEST(EncoderChecks, CountLibx264AsWantedWherePicturesArePassedThrough) {
  StreamSettings copies;
  copies.encoding.video_codec = "copy";
  StreamSettings hardware;
  hardware.encoding.video_codec = "h264_qsv";
  EXPECT_THAT(encoders_wanted({copies}), ElementsAre("libx264"));
  EXPECT_THAT(encoders_wanted({copies, hardware}), ElementsAre("h264_qsv", "libx264"));
}

}  // namespace
}  // namespace livestream
