// The sound in the commands of ffmpeg_command.h: what is mapped, passed through or encoded.
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/stream_settings.h"
#include "source/ffmpeg_command.h"
#include "source/made_command_for_test.h"

namespace livestream {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(SoundCommand, ASourceWithoutSoundHasOneOutput) {
  EXPECT_THAT(command("tcp://h:1", described("mpegts", {kH264})),
              AllOf(Contains("pipe:1"), Not(Contains("pipe:4")), Not(Contains("-c:a"))));
  StreamSettings silent = config_for("rtsp://h/s");
  silent.source.audio = false;
  EXPECT_THAT(command(silent), AllOf(Not(Contains("pipe:4")), Not(Contains("-c:a"))));
  EXPECT_EQ(command(silent), command(silent, described("rtsp", {kH264, kAacLc})));
  StreamSettings camera = config_for("/dev/video0");
  camera.source.audio_device = "hw:1";
  camera.source.audio = false;
  EXPECT_THAT(values_of(command(camera), "-map"), ElementsAre("0:V:0"));
  EXPECT_THAT(values_of(command(camera), "-i"), ElementsAre("/dev/video0"));
}

TEST(SoundCommand, ChannelsWithoutPlacesAreMixedByNumber) {
  StreamFacts nine = kAac;
  nine.unplaced_channels = 9;
  EXPECT_EQ(value_of(command("a.mkv", described("matroska", {kH264, nine})), "-af"),
            "pan=stereo|c0<c0+c2+c4+c6+c8|c1<c1+c3+c5+c7");
  nine.unplaced_channels = 2;
  EXPECT_THAT(command("a.mkv", described("matroska", {kH264, nine})), Not(Contains("-af")));
}

TEST(SoundCommand, SoundThatBrowsersPlayIsPassedThrough) {
  const auto is_copied = [](StreamFacts sound, const StreamSettings& config) {
    const FfmpegCommand run = made(config, described("mpegts", {kH264, std::move(sound)}));
    EXPECT_FALSE(run.tries_copy);
    EXPECT_EQ(value_of(run.arguments, "-c:a"), run.sound_copy ? "copy" : "aac");
    EXPECT_EQ(values_of(run.arguments, "-b:a").empty(), run.sound_copy.has_value());
    return run.sound_copy.has_value();
  };
  const StreamSettings plain = config_for("tcp://h:1");
  EXPECT_TRUE(is_copied(kAacLc, plain));
  StreamFacts mono = kAacLc;
  mono.placed_channels = 1;
  mono.sample_rate = 16'000;
  EXPECT_TRUE(is_copied(mono, plain));
  StreamFacts surround = kAacLc;
  surround.placed_channels = 0;
  EXPECT_FALSE(is_copied(surround, plain));
  StreamFacts odd = kAacLc;
  odd.sample_rate = 7'350;
  EXPECT_FALSE(is_copied(odd, plain));
  EXPECT_FALSE(is_copied(kAac, plain)) << "HE-AAC, or not told";
}

TEST(SoundCommand, SoundIsEncodedWhereTheUserAsksForIt) {
  StreamSettings config = config_for("tcp://h:1");
  config.encoding.audio_bitrate_bps = 64'000;
  EXPECT_FALSE(made(config).tries_copy);
  EXPECT_FALSE(made(config, described("mpegts", {kH264, kAacLc})).sound_copy);
  config.encoding.audio_bitrate_bps.reset();
  EXPECT_TRUE(made(config).tries_copy);
  config.encoding.audio_codec = AudioCodec::kAac;
  EXPECT_FALSE(made(config).tries_copy);
  EXPECT_FALSE(made(config, described("mpegts", {kH264, kAacLc})).sound_copy);
}

TEST(SoundCommand, SoundIsEncodedWhereCopyingHasFailed) {
  CommandFacts facts = described("mpegts", {kH264, kAacLc});
  facts.learnt.encodes_sound = true;
  const FfmpegCommand run = made("tcp://h:1", facts);
  EXPECT_FALSE(run.sound_copy);
  EXPECT_THAT(run.tracks.notes, Contains(HasSubstr("it is encoded")));
}

TEST(SoundCommand, SoundOfADeviceOfTheDemoAndAloneIsEncoded) {
  EXPECT_FALSE(made("/dev/video0").tries_copy);
  EXPECT_FALSE(made("demo").tries_copy);
  EXPECT_FALSE(made("a.m4a", described("mov", {kAacLc})).sound_copy);
}

}  // namespace
}  // namespace livestream
