#include "doctor/source_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SourceChecksTest : public ::testing::Test {
 protected:
  SourceChecksTest() {
    stream_.name = "front";
    stream_.source.video_file = "rtsp://admin:secret@10.0.0.1/x";
    served_ = playing();
  }
  static TrialFindings playing() {
    TrialFindings found;
    found.plays = true;
    found.tracks.picture = ChosenTrack{
        "0:0",
        {.kind = StreamKind::kVideo, .codec = "h264", .width = 1920, .height = 1080, .fps = 25}};
    found.tracks.sound = ChosenTrack{"0:1", {.kind = StreamKind::kAudio, .codec = "pcm_mulaw"}};
    found.codec = "avc1.42C01F";
    found.width = 1280;
    found.height = 720;
    found.fps = 30;
    found.gop_frames = 30;
    found.cost = 0.384;
    found.speed = 1;
    return found;
  }
  static TrialFindings copied(std::uint64_t gop_frames) {
    TrialFindings found = playing();
    found.copies_video = true;
    found.width = 1920;
    found.height = 1080;
    found.fps = 25;
    found.gop_frames = gop_frames;
    found.cost = 0.02;
    return found;
  }
  std::vector<Check> checks() {
    return source_checks(stream_, source_, {.served = served_, .copied = copied_});
  }
  StreamSettings stream_;
  SourceSpec source_{.kind = SourceKind::kNetwork, .scheme = "rtsp", .location = "x", .notice = {}};
  TrialFindings served_;
  std::optional<TrialFindings> copied_;
};

TEST_F(SourceChecksTest, SayWhatTheSourceIsAndWhatIsMadeOfIt) {
  copied_ = copied(50);
  EXPECT_THAT(checks(),
              ::testing::ElementsAre(Check{
                  Verdict::kOk, "source front (rtsp://***@10.0.0.1/x)",
                  "H.264 1920x1080, 25 fps, GOP 2.0 s, sound pcm_mulaw; encoded by libx264 to "
                  "1280x720, 30 fps, 38 % of a core; browsers play its picture as it is: "
                  "VIDEO_CODEC=copy passes it through, for 2 % of a core"}));
}

TEST_F(SourceChecksTest, KnowSizeAndRateFromWhatWasPassedThrough) {
  served_.tracks.picture->stream.width = served_.tracks.picture->stream.height = 0;
  served_.tracks.picture->stream.fps = 0;
  EXPECT_THAT(checks().front().text, HasSubstr("H.264, sound"));
  copied_ = copied(25);
  EXPECT_THAT(checks().front().text, HasSubstr("H.264 1920x1080, 25 fps, GOP 1.0 s, sound"));
}

TEST_F(SourceChecksTest, SayWhyThePictureCannotBePassedThrough) {
  copied_ = TrialFindings{};
  copied_->trouble = "VIDEO_CODEC=copy cannot be used with this source: it has B-frames";
  EXPECT_THAT(checks().front().text,
              AllOf(HasSubstr("; VIDEO_CODEC=copy cannot be used"), Not(HasSubstr("GOP"))));
  EXPECT_EQ(checks().front().verdict, Verdict::kOk);
}

TEST_F(SourceChecksTest, WarnOfAMachineThatIsTooSlow) {
  served_.speed = 0.6;
  EXPECT_EQ(checks().front().verdict, Verdict::kWarning);
  EXPECT_THAT(checks().front().text,
              AllOf(HasSubstr("0.60 times real time"), HasSubstr("too slow")));
}

TEST_F(SourceChecksTest, WarnOfALongGopOnlyWhereItIsPassedThrough) {
  copied_ = copied(250);
  EXPECT_EQ(checks().front().verdict, Verdict::kOk);
  served_ = copied(250);
  copied_.reset();
  EXPECT_EQ(checks().front().verdict, Verdict::kWarning);
  EXPECT_THAT(checks().front().text, AllOf(HasSubstr("GOP 10.0 s"), HasSubstr("passed through"),
                                           HasSubstr("keyframe interval")));
  served_ = copied(50);
  EXPECT_EQ(checks().front().verdict, Verdict::kOk);
}

TEST_F(SourceChecksTest, SayThatAGopHadNotEnded) {
  copied_ = copied(75);
  copied_->gop_goes_on = true;
  EXPECT_THAT(checks().front().text, HasSubstr("GOP above 3.0 s"));
}

TEST_F(SourceChecksTest, AreAFaultOrAWaitWhereNothingPlays) {
  served_ = {};
  served_.trouble = "nothing listens at the source's address";
  EXPECT_EQ(checks().size(), 1u);
  EXPECT_EQ(checks().front().verdict, Verdict::kFault);
  EXPECT_EQ(checks().front().text, "nothing listens at the source's address");
  served_.waits = true;
  EXPECT_EQ(checks().front().verdict, Verdict::kWarning);
}

TEST_F(SourceChecksTest, HaveALineForEachThingThatIsNotPlayed) {
  served_.tracks.notes = {"one", "two"};
  ASSERT_EQ(checks().size(), 3u);
  EXPECT_EQ(checks()[2].text, "two");
  EXPECT_EQ(checks()[2].verdict, Verdict::kWarning);
}

TEST_F(SourceChecksTest, TryToPassThroughOnlyWhatMayBe) {
  EXPECT_TRUE(may_be_copied(served_, source_));
  TrialFindings other = served_;
  other.tracks.picture->stream.codec = "hevc";
  EXPECT_FALSE(may_be_copied(other, source_));
  EXPECT_FALSE(may_be_copied(copied(25), source_));
  EXPECT_FALSE(may_be_copied(
      served_, {.kind = SourceKind::kDemo, .scheme = {}, .location = {}, .notice = {}}));
  other = served_;
  other.plays = false;
  EXPECT_FALSE(may_be_copied(other, source_));
}

}  // namespace
}  // namespace livestream
