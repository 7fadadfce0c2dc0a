#include "source/shape_follower.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flv/flv_builder_for_test.h"
#include "source/fake_ffmpeg_for_test.h"
#include "source/relayed_picture_for_test.h"

namespace livestream {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

class StandingClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return SteadyTime(1h); }
  [[nodiscard]] WallTime wall_now() const override { return WallTime(1h); }
};

// A run whose own encoder and relay, and whose other encoders, are played by the test.
class ShapeFollowerTest : public ::testing::Test {
 protected:
  ShapeFollowerTest() {
    encoders_.opens_inputs = true;
    output_->play();
  }

  void own_picture(std::uint32_t ms) {
    FlvBuilder flv;
    if (ms == 0) flv.tag(18, 0, metadata(false)).video(0, kAvcConfiguration, true, 0);
    const Bytes bytes = flv.video(ms, kIdr, true).take();
    ASSERT_TRUE(output_->write_picture(ByteView(bytes).subspan(ms == 0 ? 0 : 13)));
  }
  void relay(std::uint32_t width, std::uint32_t height, int count = 1) {
    for (int i = 0; i < count; ++i) follower_->read(relayed_picture(width, height, 100));
    run_loop();
  }
  // So many pictures that only count.
  void relay_unchanged(int count = 1) { relay(16, 16, count); }
  // One picture of 322x182 that an encoder has coded.
  void code(FakeFfmpeg& encoder, std::uint32_t ms) {
    encoder.put_out(
        FlvBuilder().video(ms, kSmallAvcConfiguration, true, 0).video(ms, kIdr, true).take());
  }
  void run_loop() {
    loop_.restart();
    loop_.poll();
  }
  [[nodiscard]] std::uint32_t width() const {
    return stream_.generation()->description.track(TrackKind::kVideo)->width;
  }

  boost::asio::io_context loop_{1};
  StandingClock clock_;
  Stream stream_{"live", "e1"};
  StreamWriter writer_{stream_, clock_, FrameRate{25, 1}};
  std::shared_ptr<RunOutput> output_ = std::make_shared<RunOutput>(
      loop_, clock_, writer_, RunOutput::Options{.relays_shapes = true}, [](bool) {}, [] {});
  FakeFfmpegs encoders_;
  FfmpegStarter starter_ = encoders_.starter();
  std::vector<bool> holds_;
  std::vector<std::string> failures_;
  std::unique_ptr<ShapeFollower> follower_ = std::make_unique<ShapeFollower>(
      loop_, starter_, *output_,
      ShapeFollower::Plan{.command =
                              [](const RelayedPicture& shape, std::int64_t start_ms) {
                                return std::vector<std::string>{
                                    std::to_string(shape.size.width) + "x" +
                                        std::to_string(shape.size.height),
                                    std::to_string(start_ms)};
                              },
                          .rate = {25, 1}},
      ShapeFollower::Events{
          .hold = [this](bool held) { holds_.push_back(held); },
          .fail = [this](std::string reason) { failures_.push_back(std::move(reason)); }});
};

TEST_F(ShapeFollowerTest, WithoutAChangeNothingIsStarted) {
  for (std::uint32_t picture = 0; picture < 3; ++picture) {
    own_picture(picture * 40);
    relay_unchanged();
  }
  EXPECT_EQ(encoders_.count(), 0U);
  EXPECT_EQ(output_->pictures_read(), 3U);
  bool done = false;
  follower_->end([&] { done = true; });
  EXPECT_TRUE(done);
}

TEST_F(ShapeFollowerTest, APictureOfAnotherShapeIsCodedByAnEncoderOfItsOwn) {
  own_picture(0);
  relay_unchanged(2);
  own_picture(40);
  relay(24, 32);
  ASSERT_EQ(encoders_.count(), 1U);
  EXPECT_THAT(encoders_.last().arguments, ElementsAre("24x32", "80"))
      << "it takes the place of the third picture";
  EXPECT_EQ(encoders_.last().read_input(), relayed_picture(24, 32, 100));
  own_picture(80);
  EXPECT_EQ(output_->pictures_read(), 2U) << "the run's own picture is squeezed";
  EXPECT_EQ(width(), 1280U);
  code(encoders_.last(), 80);
  EXPECT_EQ(output_->pictures_read(), 3U);
  EXPECT_EQ(width(), 322U);
}

TEST_F(ShapeFollowerTest, PicturesOfTheFirstShapeThatAreCodedLaterAreShown) {
  own_picture(0);
  relay_unchanged(3);
  relay(24, 32);
  own_picture(40);
  own_picture(80);
  EXPECT_EQ(output_->pictures_read(), 3U);
  own_picture(120);
  EXPECT_EQ(output_->pictures_read(), 3U) << "it is squeezed";
}

TEST_F(ShapeFollowerTest, NoPictureOfTheFirstShapeComesAfterOneOfTheNext) {
  own_picture(0);
  relay_unchanged(3);
  relay(24, 32);
  code(encoders_.last(), 120);
  own_picture(40);
  EXPECT_EQ(output_->pictures_read(), 2U);
}

TEST_F(ShapeFollowerTest, EncodersTakeTurnsInTheOrderOfTheirPictures) {
  own_picture(0);
  relay_unchanged();
  relay(24, 32, 25);
  relay(32, 24);
  ASSERT_EQ(encoders_.count(), 2U);
  EXPECT_THAT(encoders_.at(1).arguments, ElementsAre("32x24", "1040"));
  code(encoders_.at(1), 1'040);
  EXPECT_EQ(output_->pictures_read(), 1U) << "the pictures before it are not coded yet";
  code(encoders_.at(0), 40);
  EXPECT_EQ(output_->pictures_read(), 2U);
  encoders_.at(0).end({.code = 0});
  EXPECT_EQ(output_->pictures_read(), 3U);
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(ShapeFollowerTest, ASourceThatChangesWithEachPictureStartsTwoEncodersASecondAtMost) {
  relay_unchanged();
  for (int picture = 0; picture < 50; ++picture) {
    relay(picture % 2 == 0 ? 24 : 32, 32);
    if (encoders_.count() > 1 && encoders_.at(encoders_.count() - 2).alive)
      encoders_.at(encoders_.count() - 2).end({.code = 0});
  }
  EXPECT_EQ(encoders_.count(), 4U);
}

TEST_F(ShapeFollowerTest, EncodersThatHangDoNotBecomeMoreAndMore) {
  relay_unchanged();
  for (int second = 0; second < 20; ++second) relay(second % 2 == 0 ? 24 : 32, 32, 25);
  EXPECT_EQ(encoders_.count(), 4U);
  encoders_.at(0).end({.code = 0});
  relay(24, 32, 25);
  EXPECT_EQ(encoders_.count(), 5U) << "one of them went on";
}

TEST_F(ShapeFollowerTest, AnEncoderThatFailsEndsAllWithOneReason) {
  relay_unchanged();
  relay(24, 32, 25);
  relay(32, 24, 25);
  encoders_.at(1).say("No space left", LogLevel::kError);
  encoders_.at(1).end({.code = 1});
  relay(24, 32, 25);
  encoders_.at(0).end({.signal = 11});
  EXPECT_THAT(failures_, ElementsAre(HasSubstr("the source's new shape cannot be encoded: ")));
  EXPECT_TRUE(encoders_.at(0).killed);
  EXPECT_EQ(encoders_.count(), 2U);
}

TEST_F(ShapeFollowerTest, AnEncoderThatCannotBeStartedIsTold) {
  relay_unchanged();
  encoders_.refuse_with("out of processes");
  relay(24, 32);
  relay(24, 32);
  EXPECT_THAT(failures_, ElementsAre(HasSubstr("out of processes")));
}

TEST_F(ShapeFollowerTest, BytesThatAreNotARelayAreTold) {
  follower_->read(Bytes(100, 0));
  follower_->read(Bytes(100, 0));
  EXPECT_THAT(failures_, SizeIs(1));
}

TEST_F(ShapeFollowerTest, TheEndWaitsForWhatIsRelayed) {
  own_picture(0);
  relay_unchanged();
  relay(24, 32);
  bool done = false;
  follower_->end([&] { done = true; });
  EXPECT_FALSE(done);
  code(encoders_.last(), 40);
  encoders_.last().end({.code = 0});
  EXPECT_TRUE(done);
  EXPECT_EQ(output_->pictures_read(), 2U);
}

TEST_F(ShapeFollowerTest, AnEncoderThatLagsHoldsTheRelayAndReadsOn) {
  relay_unchanged();
  relay(24, 32, 13);
  // Of 28 MB each.
  relay(4096, 4096);
  EXPECT_THAT(holds_, IsEmpty());
  relay(4096, 4096);
  EXPECT_THAT(holds_, ElementsAre(true));
  while (!encoders_.last().read_input().empty()) run_loop();
  EXPECT_THAT(holds_, ElementsAre(true, false));
}

TEST_F(ShapeFollowerTest, TheEncodersArePausedAndKilledWithTheRun) {
  relay_unchanged();
  relay(24, 32, 25);
  follower_->hold(true);
  EXPECT_TRUE(encoders_.last().held);
  relay(32, 24);
  EXPECT_TRUE(encoders_.last().held) << "one that begins later, too";
  follower_->hold(false);
  EXPECT_FALSE(encoders_.last().held);
  follower_.reset();
  EXPECT_TRUE(encoders_.at(0).killed);
  EXPECT_TRUE(encoders_.at(1).killed);
}

}  // namespace
}  // namespace livestream
