#include "config/quality.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(Quality, IsTheTableOfTheDocumentation) {
  const struct {
    double quality;
    int crf;
    double scale;
  } table[] = {{1, 18, 1}, {0.75, 24, 0.8125}, {0.5, 29, 0.625}, {0.25, 35, 0.4375}, {0, 40, 0.25}};
  for (const auto& row : table) {
    EXPECT_EQ(quality_of(row.quality).crf, row.crf) << row.quality;
    EXPECT_DOUBLE_EQ(quality_of(row.quality).scale, row.scale) << row.quality;
  }
}

TEST(Quality, RoundsHalvesUpAtEveryThousandth) {
  for (int thousandths = 0; thousandths <= 1000; ++thousandths) {
    // 40.5 - 22q in whole numbers, floored.
    EXPECT_EQ(quality_of(thousandths / 1000.0).crf, (40'500 - 22 * thousandths) / 1000)
        << thousandths;
  }
}

TEST(EffectiveCrf, IsThatOfTheQualityWhenThereIsOne) {
  EncodingSettings encoding;
  EXPECT_EQ(effective_crf(encoding), 23);
  encoding.video_crf = 28;
  EXPECT_EQ(effective_crf(encoding), 28);
  encoding.video_quality = 1;
  EXPECT_EQ(effective_crf(encoding), 18);
}

}  // namespace
}  // namespace livestream
