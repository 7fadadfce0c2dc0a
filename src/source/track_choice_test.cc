#include "source/track_choice.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

StreamFacts picture(int index, std::uint32_t width = 640, std::uint32_t height = 360) {
  return {.index = index,
          .kind = StreamKind::kVideo,
          .codec = "h264",
          .width = width,
          .height = height};
}

StreamFacts sound(int index, const std::string& language = "", const std::string& codec = "aac") {
  return {.index = index, .kind = StreamKind::kAudio, .codec = codec, .language = language};
}

StreamFacts with_default(StreamFacts stream) {
  stream.is_default = true;
  return stream;
}

StreamFacts cover(int index) {
  StreamFacts stream = picture(index);
  stream.is_cover = true;
  return stream;
}

InputFacts input_of(std::vector<StreamFacts> streams, std::vector<ProgramFacts> programs = {}) {
  return {.format = "mpegts", .programs = std::move(programs), .streams = std::move(streams)};
}

// "0:V:0 0:a:0"; "-" where there is none.
std::string maps_of(const TrackChoice& choice) {
  return (choice.picture ? choice.picture->map : "-") + " " +
         (choice.sound ? choice.sound->map : "-");
}

std::string maps_of(const InputFacts& input, const SourceSettings& settings = {},
                    const LearntFacts& learnt = {}, std::optional<VideoSize> size = {}) {
  return maps_of(choose_tracks(input, learnt, settings, size));
}

std::vector<std::string> notes_of(const InputFacts& input, const SourceSettings& settings = {}) {
  return choose_tracks(input, {}, settings, {}).notes;
}

SourceSettings wishing(const char* video_track, const char* audio_track) {
  SourceSettings settings;
  settings.video_track = parse_track_wish(video_track);
  settings.audio_track = parse_track_wish(audio_track);
  return settings;
}

TEST(TrackChoice, APlainSourceIsPlayedAsOneThatIsNotKnownYet) {
  EXPECT_EQ(maps_of(InputFacts{}), "0:V:0 0:a:0");
  EXPECT_EQ(maps_of(input_of({picture(0), sound(1)})), "0:V:0 0:a:0");
  EXPECT_EQ(maps_of(input_of({sound(0), picture(1)})), "0:V:0 0:a:0");
  EXPECT_EQ(maps_of(input_of({cover(0), picture(1), sound(2)})), "0:V:0 0:a:0");
  EXPECT_THAT(notes_of(input_of({picture(0), sound(1)})), IsEmpty());
  EXPECT_THAT(notes_of({}), IsEmpty());
}

TEST(TrackChoice, ASourceMayLackEither) {
  EXPECT_EQ(maps_of(input_of({picture(0)})), "0:V:0 -");
  EXPECT_EQ(maps_of(input_of({sound(0), cover(1)})), "- 0:a:0");
  EXPECT_EQ(maps_of(input_of({})), "0:V:0 -");
}

TEST(TrackChoice, TheDefaultTrackWinsOverTheFirst) {
  const InputFacts input = input_of({picture(0), with_default(picture(1)), sound(2, "ger"),
                                     with_default(sound(3, "eng")), with_default(sound(4))});
  EXPECT_EQ(maps_of(input), "0:1 0:3");
  EXPECT_THAT(notes_of(input),
              AllOf(Contains(AllOf(HasSubstr("picture 0:0"), HasSubstr("VIDEO_TRACK"))),
                    Contains(AllOf(HasSubstr("sound 0:2 (aac, ger), sound 0:4"),
                                   HasSubstr("AUDIO_TRACK")))));
}

TEST(TrackChoice, TracksAreChosenByNumberAndByLanguage) {
  const InputFacts input =
      input_of({sound(0, "eng"), picture(1), picture(2), sound(3, "ger"), cover(4)});
  EXPECT_EQ(maps_of(input, wishing("1", "1")), "0:2 0:3");
  EXPECT_EQ(maps_of(input, wishing("0", "de-CH")), "0:V:0 0:3");
  EXPECT_EQ(maps_of(input, wishing("", "0")), "0:V:0 0:a:0");
}

TEST(TrackChoice, AWishThatCannotBeMetIsNoted) {
  const InputFacts input = input_of({picture(0), sound(1, "eng"), cover(2)});
  for (const auto& settings : {wishing("1", "fr"), wishing("fr", "7")}) {
    EXPECT_EQ(maps_of(input, settings), "0:V:0 0:a:0");
    EXPECT_THAT(notes_of(input, settings),
                AllOf(Contains(AllOf(HasSubstr("VIDEO_TRACK="), HasSubstr("it has picture 0:0"))),
                      Contains(AllOf(HasSubstr("AUDIO_TRACK="), HasSubstr("it has sound 0:1")))));
  }
}

TEST(TrackChoice, SoundCanBeSwitchedOff) {
  SourceSettings off;
  off.audio = false;
  EXPECT_EQ(maps_of(InputFacts{}, off), "0:V:0 -");
  EXPECT_EQ(maps_of(input_of({picture(0), sound(1)}), off), "0:V:0 -");
  EXPECT_THAT(notes_of(input_of({picture(0), sound(1)}), off), Contains(HasSubstr("AUDIO=off")));
}

TEST(TrackChoice, WhatCannotBeDecodedIsLeftOutAndNoted) {
  for (const char* codec : {"none", "unknown"}) {
    const InputFacts input = input_of({picture(0), sound(1, "", codec)});
    EXPECT_EQ(maps_of(input), "0:V:0 -");
    EXPECT_THAT(notes_of(input), Contains(AllOf(HasSubstr("sound 0:1"), HasSubstr("codec"))));
    EXPECT_EQ(maps_of(input_of({picture(0), with_default(sound(1, "", codec)), sound(2)})),
              "0:V:0 0:2");
  }
  StreamFacts nameless = picture(0);
  nameless.codec = "none";
  EXPECT_EQ(maps_of(input_of({nameless, sound(1)})), "- 0:a:0");
  EXPECT_EQ(maps_of(input_of({nameless, picture(1), sound(2)})), "0:1 0:a:0");
}

TEST(TrackChoice, WhatFailedIsLeftOutAsLongAsItIsDescribedAlike) {
  LearntFacts learnt;
  learnt.unplayable = {sound(1, "", "ac4")};
  EXPECT_EQ(maps_of(input_of({picture(0), sound(1, "", "ac4")}), {}, learnt), "0:V:0 -");
  EXPECT_EQ(maps_of(input_of({picture(0), sound(1, "", "ac4"), sound(2)}), {}, learnt),
            "0:V:0 0:2");
  EXPECT_EQ(maps_of(input_of({picture(0), sound(1)}), {}, learnt), "0:V:0 0:a:0");
  const auto choice = choose_tracks(input_of({picture(0), sound(1, "", "ac4")}), learnt, {}, {});
  EXPECT_THAT(choice.notes, Contains(AllOf(HasSubstr("ac4"), HasSubstr("decode"))));
}

TEST(TrackChoice, PictureAndSoundAreOfOneProgramme) {
  const InputFacts silent_first =
      input_of({picture(0), picture(1), sound(2)}, {{1, {0}}, {2, {1, 2}}});
  EXPECT_EQ(maps_of(silent_first), "0:1 0:a:0");
  EXPECT_EQ(maps_of(silent_first, wishing("0", "")), "0:V:0 -");
  EXPECT_THAT(notes_of(silent_first, wishing("0", "")),
              Contains(AllOf(HasSubstr("sound 0:2"), HasSubstr("programme"))));
  SourceSettings off;
  off.audio = false;
  EXPECT_EQ(maps_of(silent_first, off), "0:V:0 -");

  const InputFacts both = input_of({picture(0), sound(1, "ger"), picture(2), sound(3, "eng")},
                                   {{1, {0, 1}}, {2, {2, 3}}});
  EXPECT_EQ(maps_of(both), "0:V:0 0:a:0");
  EXPECT_EQ(maps_of(both, wishing("1", "")), "0:2 0:3");
  EXPECT_EQ(maps_of(both, wishing("", "eng")), "0:2 0:3");
  EXPECT_EQ(maps_of(both, wishing("0", "eng")), "0:V:0 0:a:0");
}

TEST(TrackChoice, RadioInATransportStreamIsNoPicturesProgramme) {
  EXPECT_EQ(maps_of(input_of({sound(0), picture(1), sound(2)}, {{1, {0}}, {2, {1, 2}}})),
            "0:V:0 0:2");
}

// 160x120, 640x480 in two bitrates, 1280x720, each with its sound.
InputFacts playlist() {
  const auto variant = [](StreamFacts stream, std::uint64_t bitrate_bps) {
    stream.variant_bitrate_bps = bitrate_bps;
    return stream;
  };
  InputFacts input = input_of(
      {variant(picture(0, 160, 120), 200'000), sound(1), variant(picture(2, 640, 480), 2'000'000),
       sound(3), variant(picture(4, 640, 480), 1'000'000), sound(5),
       variant(picture(6, 1280, 720), 4'000'000), sound(7)},
      {{0, {0, 1}}, {1, {2, 3}}, {2, {4, 5}}, {3, {6, 7}}});
  input.format = "hls";
  return input;
}

TEST(TrackChoice, TheBestVariantThatFitsIsPlayed) {
  const struct {
    std::optional<VideoSize> size;
    const char* maps;
  } rows[] = {{std::nullopt, "0:6 0:7"},
              {VideoSize{1920, 1080}, "0:6 0:7"},
              {VideoSize{1279, 720}, "0:2 0:3"},
              {VideoSize{640, 480}, "0:2 0:3"},
              {VideoSize{320, 240}, "0:V:0 0:a:0"},
              {VideoSize{100, 100}, "0:V:0 0:a:0"}};
  for (const auto& row : rows) EXPECT_EQ(maps_of(playlist(), {}, {}, row.size), row.maps);
  InputFacts manifest = playlist();
  manifest.format = "dash";
  EXPECT_EQ(maps_of(manifest), "0:6 0:7");
}

TEST(TrackChoice, AVariantCanBeChosen) {
  const struct {
    const char* wish;
    const char* maps;
    bool is_met;
  } rows[] = {
      {"auto", "0:2 0:3", true},      {"highest", "0:6 0:7", true}, {"lowest", "0:V:0 0:a:0", true},
      {"720p", "0:6 0:7", true},      {"640x480", "0:2 0:3", true}, {"1500k", "0:4 0:5", true},
      {"100k", "0:V:0 0:a:0", false}, {"1080p", "0:2 0:3", false},  {"641x480", "0:2 0:3", false}};
  for (const auto& row : rows) {
    SourceSettings settings;
    settings.video_variant = parse_video_variant(row.wish).value();
    const TrackChoice choice = choose_tracks(playlist(), {}, settings, VideoSize{640, 480});
    EXPECT_EQ(maps_of(choice), row.maps) << row.wish;
    const auto names_it = Contains(HasSubstr(std::string("VIDEO_VARIANT=") + row.wish));
    if (row.is_met) {
      EXPECT_THAT(choice.notes, Not(names_it)) << row.wish;
    } else {
      EXPECT_THAT(choice.notes, names_it) << row.wish;
    }
  }
}

TEST(TrackChoice, NotesWhatIsNeverServed) {
  const auto other = [](int index, StreamKind kind) {
    return StreamFacts{.index = index, .kind = kind, .codec = "x"};
  };
  EXPECT_THAT(
      notes_of(input_of({picture(0), sound(1), other(2, StreamKind::kSubtitle),
                         other(3, StreamKind::kSubtitle), other(4, StreamKind::kData),
                         other(5, StreamKind::kAttachment), cover(6)})),
      AllOf(Contains(HasSubstr("2 subtitle tracks are")), Contains(HasSubstr("1 data track is")),
            Contains(HasSubstr("1 attachment is")), Contains(HasSubstr("1 cover picture is"))));
}

}  // namespace
}  // namespace livestream
