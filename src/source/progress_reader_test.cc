#include "source/progress_reader.h"

#include <string>

#include <gtest/gtest.h>

namespace livestream {
namespace {

const std::string kReport =
    "frame=100\nfps=30.00\nstream_0_0_q=20.0\nbitrate=7520.0kbits/s\ntotal_size=3142000\n"
    "out_time_us=3340000\nout_time_ms=3340000\nout_time=00:00:03.340000\ndup_frames=2\n"
    "drop_frames=1\nspeed=0.997x\nprogress=continue\n";

void expect_report(const std::optional<Progress>& report) {
  ASSERT_TRUE(report);
  EXPECT_EQ(report->media_time, std::chrono::milliseconds(3340));
  EXPECT_EQ(report->frames, 100U);
  EXPECT_EQ(report->duplicated_frames, 2U);
  EXPECT_EQ(report->dropped_frames, 1U);
}

TEST(ProgressReader, ReadsAReportInEverySplit) {
  for (std::size_t cut = 0; cut < kReport.size(); ++cut) {
    ProgressReader reader;
    EXPECT_FALSE(reader.read(kReport.substr(0, cut)));
    expect_report(reader.read(kReport.substr(cut)));
  }
}

TEST(ProgressReader, KeepsTheLastReportOfSeveral) {
  ProgressReader reader;
  expect_report(reader.read("frame=1\nprogress=continue\n" + kReport));
}

TEST(ProgressReader, SkipsWhatItDoesNotKnow) {
  ProgressReader reader;
  const auto report =
      reader.read("out_time_us=N/A\nframe=x\nnonsense\n=\n" + std::string(10'000, 'a') +
                  "\nout_time_us=  500\r\nprogress=end\n");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->frames, 0U);
  EXPECT_EQ(report->media_time, std::chrono::microseconds(500));
}

}  // namespace
}  // namespace livestream
