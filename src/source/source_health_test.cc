#include "source/source_health.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock_for_test.h"

namespace livestream {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

class SourceHealthTest : public ::testing::Test {
 protected:
  template <typename Action>
  std::string logged(Action action) {
    testing::internal::CaptureStderr();
    action();
    return testing::internal::GetCapturedStderr();
  }
  static StderrLine error(std::string text) {
    return {.level = LogLevel::kError, .has_level = true, .text = std::move(text)};
  }

  ManualClock clock_;
  Stream stream_{"live", "e1"};
  StreamWriter writer_{stream_, clock_, FrameRate{30, 1}};
  SourceHealth health_{stream_,   writer_,        clock_, Log(LogLevel::kInfo, LogFormat::kText),
                       "network", "rtsp://camera"};
};

TEST_F(SourceHealthTest, AReasonIsLoggedOnceAMinuteWithItsCount) {
  EXPECT_THAT(logged([&] { health_.report_end("refused", 1s); }), HasSubstr("times=1"));
  EXPECT_THAT(logged([&] {
                health_.report_end("refused", 2s);
                clock_.passed += 59s;
                health_.report_end("refused", 4s);
              }),
              IsEmpty());
  EXPECT_EQ(health_.status().last_error, "refused");
  clock_.passed += 1s;
  EXPECT_THAT(logged([&] { health_.report_end("refused", 5s); }), HasSubstr("times=3"));
}

TEST_F(SourceHealthTest, SilenceIsLoggedOnceAMinute) {
  const std::string lines = logged([&] {
    for (int i = 0; i < 5; ++i) health_.report_trouble("nothing came for 5 s");
  });
  EXPECT_THAT(lines, HasSubstr("source silent"));
  EXPECT_EQ(lines.find("source silent"), lines.rfind("source silent"));
}

TEST_F(SourceHealthTest, ALineOfFfmpegIsShownOnceAMinute) {
  EXPECT_THAT(logged([&] { health_.relay(error("moov atom not found")); }), HasSubstr("moov atom"));
  EXPECT_THAT(logged([&] { health_.relay(error("moov atom not found")); }), IsEmpty());
  EXPECT_THAT(logged([&] { health_.relay(error("another")); }), HasSubstr("another"));
  clock_.passed += 1min;
  EXPECT_THAT(logged([&] { health_.relay(error("moov atom not found")); }), HasSubstr("moov atom"));
}

TEST_F(SourceHealthTest, AFloodOfLinesIsCounted) {
  const std::string flood = logged([&] {
    for (int i = 0; i < 1000; ++i) health_.relay(error("line " + std::to_string(i)));
  });
  EXPECT_THAT(flood, HasSubstr("line 19 "));
  EXPECT_THAT(flood, Not(HasSubstr("line 20 ")));
  clock_.passed += 10s;
  EXPECT_THAT(logged([&] { health_.relay(error("last")); }), HasSubstr("lines=980"));
}

// The writer goes on when another source feeds the stream, so that its count never goes back.
TEST_F(SourceHealthTest, DroppedSamplesAreThoseOfTheStreamFromTheBeginning) {
  const Track track{.kind = TrackKind::kVideo,
                    .timescale = 90'000,
                    .codec = "avc1.42C01F",
                    .decoder_config = {1, 0x42, 0xc0, 0x1f, 0xff},
                    .width = 320,
                    .height = 180};
  Sample picture;
  picture.independent = true;
  picture.data = {0, 0, 0, 1, 0x65};
  const auto write = [&](Packet packet) {
    writer_.write(std::move(packet), clock_.now(), clock_.wall_now());
  };
  writer_.begin_run();
  write(track);
  write(picture);
  writer_.write_standing_picture(track, picture, 40ms);
  picture.independent = false;
  write(picture);
  ASSERT_EQ(writer_.dropped_samples(), 1U);
  health_.begin();
  EXPECT_EQ(stream_.source_status().dropped_samples, 1U);
}

TEST_F(SourceHealthTest, PasswordsInLinesAreMasked) {
  EXPECT_THAT(logged([&] { health_.relay(error("rtsp://user:secret@camera/1: refused")); }),
              Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace livestream
