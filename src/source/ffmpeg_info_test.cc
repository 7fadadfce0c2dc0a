#include "source/ffmpeg_info.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/stream_settings.h"

namespace livestream {
namespace {

using ::testing::HasSubstr;

const std::string kList =
    "Encoders:\n V..... = Video\n A..... = Audio\n ------\n"
    " V....D libx264              libx264 H.264 (codec h264)\n"
    " V....D h264_nvenc           NVIDIA NVENC H.264 encoder (codec h264)\n"
    " A....D aac                  AAC (Advanced Audio Coding)\n";

std::string without(std::string text, const std::string& line_part) {
  const std::size_t at = text.find(line_part);
  const std::size_t begin = text.rfind('\n', at) + 1;
  return text.erase(begin, text.find('\n', at) - begin);
}

TEST(FfmpegInfo, ReadsEveryFormOfVersion) {
  const struct {
    const char* line;
    int major;
    int minor;
  } rows[] = {{"ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026", 5, 1},
              {"ffmpeg version n6.0 Copyright", 6, 0},
              {"ffmpeg version 7.1 Copyright", 7, 1},
              {"ffmpeg version 4.2.7-0ubuntu0.1 Copyright", 4, 2},
              {"ffmpeg version N-109542-g1bf1476 Copyright", 0, 0},
              {"ffmpeg version git-2024-01-01 Copyright", 0, 0}};
  for (const auto& row : rows) {
    const FfmpegInfo info = parse_ffmpeg_info(std::string(row.line) + "\n" + kList);
    EXPECT_EQ(info.major, row.major) << row.line;
    EXPECT_EQ(info.minor, row.minor) << row.line;
    EXPECT_THAT(info.encoders, testing::ElementsAre("aac", "h264_nvenc", "libx264"));
  }
}

TEST(FfmpegInfo, EveryTruncationIsHarmless) {
  const std::string all = "ffmpeg version 5.1 C\n" + kList;
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    EXPECT_LE(parse_ffmpeg_info(all.substr(0, cut)).encoders.size(), 3U);
  }
}

TEST(FfmpegInfo, SaysWhatIsMissingAndTheCure) {
  StreamSettings config;
  const std::string good = "ffmpeg version 5.1 C\n" + kList;
  EXPECT_TRUE(check_usable(parse_ffmpeg_info(good), config.source, config.encoding));
  EXPECT_THAT(check_usable(parse_ffmpeg_info("ffmpeg version 3.4 C\n" + kList), config.source,
                           config.encoding)
                  .error()
                  .message,
              HasSubstr("too old"));
  EXPECT_THAT(
      check_usable(parse_ffmpeg_info(without(good, "libx264 ")), config.source, config.encoding)
          .error()
          .message,
      HasSubstr("no libx264 encoder: install"));
  EXPECT_THAT(
      check_usable(parse_ffmpeg_info(without(good, " aac ")), config.source, config.encoding)
          .error()
          .message,
      HasSubstr("no aac encoder"));
  EXPECT_THAT(check_usable(parse_ffmpeg_info(""), config.source, config.encoding).error().message,
              HasSubstr("does not work"));
  config.encoding.video_codec = "h264_qsv";
  EXPECT_THAT(check_usable(parse_ffmpeg_info(good), config.source, config.encoding).error().message,
              HasSubstr("VIDEO_CODEC=h264_qsv"));
  config.encoding.video_codec = "h264_nvenc";
  EXPECT_TRUE(check_usable(parse_ffmpeg_info(good), config.source, config.encoding));
}

TEST(FfmpegInfo, AMissingProgramSaysHowToInstallIt) {
  EXPECT_THAT(find_program("no-such-ffmpeg").error().message, HasSubstr("apt install ffmpeg"));
  EXPECT_THAT(find_program("/nonexistent/ffmpeg").error().message,
              HasSubstr("FFMPEG=/nonexistent/ffmpeg"));
}

}  // namespace
}  // namespace livestream
