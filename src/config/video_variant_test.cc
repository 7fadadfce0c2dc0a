#include "config/video_variant.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

using Rule = VideoVariant::Rule;

TEST(VideoVariant, IsARuleAHeightASizeOrABitrate) {
  EXPECT_EQ(parse_video_variant("auto"), VideoVariant{});
  EXPECT_EQ(parse_video_variant("Highest"), (VideoVariant{.rule = Rule::kHighest}));
  EXPECT_EQ(parse_video_variant("lowest"), (VideoVariant{.rule = Rule::kLowest}));
  EXPECT_EQ(parse_video_variant("720p"), (VideoVariant{.rule = Rule::kHeight, .size = {0, 720}}));
  EXPECT_EQ(parse_video_variant("1080P"), (VideoVariant{.rule = Rule::kHeight, .size = {0, 1080}}));
  EXPECT_EQ(parse_video_variant("1280x720"),
            (VideoVariant{.rule = Rule::kSize, .size = {1280, 720}}));
  EXPECT_EQ(parse_video_variant("2.5M"),
            (VideoVariant{.rule = Rule::kBitrate, .bitrate_bps = 2'500'000}));
  EXPECT_EQ(parse_video_variant("800k"),
            (VideoVariant{.rule = Rule::kBitrate, .bitrate_bps = 800'000}));
}

TEST(VideoVariant, PrintsWhatItReads) {
  for (const char* text : {"auto", "highest", "lowest", "480p", "1280x720", "2M", "2500k", "12345"})
    EXPECT_EQ(print(parse_video_variant(text).value_or(VideoVariant{})), text);
}

TEST(VideoVariant, RefusesTheRest) {
  for (const char* text : {"", "best", "p", "1p", "-720p", "720", "720i", "16385p", "7 20p",
                           "1280x", "x720", "1280x720p", "9k", "1001M", "2Mbit", "0"}) {
    EXPECT_FALSE(parse_video_variant(text)) << text;
  }
}

}  // namespace
}  // namespace livestream
