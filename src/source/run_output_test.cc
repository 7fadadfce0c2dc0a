#include "source/run_output.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/manual_clock_for_test.h"
#include "flv/flv_builder_for_test.h"
#include "isobmff/box_reader.h"
#include "source/stream_writer.h"
#include "stream/stream.h"

namespace livestream {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kVideo = 1;
constexpr std::uint32_t kAudio = 2;

// The output of a file: pictures on one pipe, sound on the other, both faster than they play.
class RunOutputTest : public ::testing::Test {
 protected:
  RunOutputTest() {
    writer_.begin_run();
    output_->play();
    Bytes head =
        FlvBuilder().tag(18, 0, metadata(false)).video(0, kAvcConfiguration, true, 0).take();
    EXPECT_TRUE(output_->write_picture(head));
    head = FlvBuilder().tag(18, 0, metadata(true)).audio(0, kAacConfiguration, 0).take();
    EXPECT_TRUE(output_->write_sound(head));
  }

  void read_pictures(int from_ms, int until_ms) {
    for (int ms = from_ms; ms < until_ms; ms += 40)
      put(FlvBuilder().video(static_cast<std::uint32_t>(ms), kIdr, true).take(), true);
  }
  void read_sound(int from_ms, int until_ms) {
    for (int frame = from_ms * 441 / 10'240; frame * 10'240 / 441 < until_ms; ++frame) {
      const auto ms = static_cast<std::uint32_t>(frame * 10'240 / 441);
      put(FlvBuilder().audio(ms, kAacFrame).take(), false);
    }
  }
  // Without the file header, which has been given.
  void put(const Bytes& flv, bool picture) {
    const ByteView tags = ByteView(flv).subspan(13);
    EXPECT_TRUE(picture ? output_->write_picture(tags) : output_->write_sound(tags));
  }
  // Its timer runs by the real clock: what is due by the set clock goes on with the next bytes.
  void pass(std::chrono::milliseconds time) {
    clock_.passed += time;
    EXPECT_TRUE(output_->write_picture({}));
    follow();
  }

  // Viewers join at the newest picture, so the stream is followed from its beginning.
  void follow() {
    while (const std::optional<Batch> batch = stream_.read(cursor_)) {
      for (const SharedBytes& block : batch->blocks->blocks()) {
        BoxReader boxes(block.view());
        Box box;
        while (boxes.next(box) == BoxOutcome::kComplete) {
          if (box.type == "moof") note(box);
        }
      }
      cursor_ = batch->after;
    }
  }
  // How far the track has got in the stream, in milliseconds.
  std::int64_t end_ms(std::uint32_t track) { return ends_[track]; }
  void note(const Box& moof) {
    ByteReader tfhd(find_box(moof.payload, "traf/tfhd")->payload);
    tfhd.skip(4);
    const std::uint32_t track = tfhd.u32();
    const std::uint32_t duration = tfhd.u32();
    ByteReader tfdt(find_box(moof.payload, "traf/tfdt")->payload);
    tfdt.skip(4);
    const std::uint64_t time = tfdt.u64();
    ByteReader trun(find_box(moof.payload, "traf/trun")->payload);
    trun.skip(4);
    const std::uint64_t end = time + std::uint64_t{trun.u32()} * duration;
    ends_[track] = static_cast<std::int64_t>(end * 1000 / (track == kVideo ? 25'000 : 44'100));
  }

  boost::asio::io_context loop_{1};
  ManualClock clock_;
  Stream stream_{"live", "e1"};
  Cursor cursor_;
  std::map<std::uint32_t, std::int64_t> ends_;
  StreamWriter writer_{stream_, clock_, FrameRate{25, 1}};
  std::shared_ptr<RunOutput> output_ = std::make_shared<RunOutput>(
      loop_, clock_, writer_,
      RunOutput::Options{.sound_apart = true, .pace = Pacer::Pace::kByClock}, [](bool) {}, [] {});
};

TEST_F(RunOutputTest, SilenceFollowsThePictureAtOnceWhereAFileHasNoSound) {
  read_pictures(0, 6'000);
  read_sound(0, 2'000);
  output_->end();
  for (int i = 0; i < 75; ++i) pass(40ms);
  EXPECT_NEAR(static_cast<double>(end_ms(kVideo)), 3'040, 80);
  EXPECT_NEAR(static_cast<double>(end_ms(kAudio)), static_cast<double>(end_ms(kVideo)), 80);
  EXPECT_FALSE(writer_.sound_is_missing());
}

TEST_F(RunOutputTest, SilenceFillsAHoleThatIsKnownAhead) {
  read_pictures(0, 8'000);
  read_sound(0, 1'000);
  read_sound(4'000, 8'000);
  for (int i = 0; i < 50; ++i) pass(40ms);
  EXPECT_NEAR(static_cast<double>(end_ms(kAudio)), static_cast<double>(end_ms(kVideo)), 80);
  for (int i = 0; i < 75; ++i) pass(40ms);
  EXPECT_NEAR(static_cast<double>(end_ms(kAudio)), static_cast<double>(end_ms(kVideo)), 80);
  EXPECT_FALSE(writer_.sound_is_missing());
}

TEST_F(RunOutputTest, SoundThatMayStillBeReadIsWaitedFor) {
  read_pictures(0, 3'000);
  read_sound(0, 1'000);
  for (int i = 0; i < 40; ++i) pass(40ms);
  EXPECT_LE(end_ms(kAudio), 1'040);
  read_sound(1'000, 3'000);
  pass(40ms);
  EXPECT_GE(end_ms(kAudio), 1'600);
  EXPECT_EQ(writer_.dropped_samples(), 0U);
}

}  // namespace
}  // namespace livestream
