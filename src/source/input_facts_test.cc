#include "source/input_facts.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::ElementsAre;

// All that a reader tells of a dump in the form of `-loglevel level+info`.
std::vector<InputFacts> all_facts_of(std::string_view dump) {
  StderrReader lines;
  InputDumpReader reader;
  std::vector<InputFacts> told;
  for (const StderrLine& line : lines.read(dump)) {
    if (auto facts = reader.read_line(line)) told.push_back(std::move(*facts));
  }
  return told;
}

// With a level in front of each line of `dump`.
std::string with_levels(std::string_view dump) {
  std::string text;
  bool at_start = true;
  for (const char c : dump) {
    if (at_start) text += "[info] ";
    text += c;
    at_start = c == '\n';
  }
  return text;
}

InputFacts facts_of(std::string_view dump) {
  const std::vector<InputFacts> told = all_facts_of(with_levels(dump));
  EXPECT_EQ(told.size(), 1U) << dump;
  return told.empty() ? InputFacts{} : told.front();
}

const char* const kFile =
    "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'clip.mp4':\n"
    "  Metadata:\n"
    "    major_brand     : isom\n"
    "  Duration: 00:01:04.50, start: 0.000000, bitrate: 879 kb/s\n"
    "  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(progressive), "
    "640x360 [SAR 1:1 DAR 16:9], 798 kb/s, 29.97 fps, 30 tbr, 15360 tbn (default)\n"
    "    Metadata:\n"
    "      handler_name    : VideoHandler\n"
    "  Stream #0:1[0x2](ger): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp\n"
    "Stream mapping:\n  Stream #0:0 -> #0:0 (h264 (native) -> h264 (libx264))\n"
    "Output #0, flv, to 'pipe:1':\n"
    "  Stream #0:0: Video: h264, yuv420p(top first)\n";

TEST(InputFacts, AreThoseOfAFile) {
  const InputFacts facts = facts_of(kFile);
  EXPECT_TRUE(facts.is_format("mov"));
  EXPECT_TRUE(facts.is_format("mj2"));
  EXPECT_FALSE(facts.is_format("m4"));
  ASSERT_TRUE(facts.duration);
  EXPECT_DOUBLE_EQ(facts.duration->count(), 64.5);
  ASSERT_EQ(facts.streams.size(), 2U);
  const StreamFacts picture = {.index = 0,
                               .kind = StreamKind::kVideo,
                               .codec = "h264",
                               .language = "und",
                               .is_default = true,
                               .width = 640,
                               .height = 360,
                               .fps = 29.97,
                               .fields = FieldOrder::kProgressive};
  const StreamFacts sound = {.index = 1,
                             .kind = StreamKind::kAudio,
                             .codec = "aac",
                             .language = "ger",
                             .is_aac_lc = true,
                             .placed_channels = 1,
                             .sample_rate = 44'100};
  EXPECT_EQ(facts.streams[0], picture);
  EXPECT_EQ(facts.streams[1], sound);
  EXPECT_TRUE(facts.programs.empty());
}

TEST(InputFacts, KnowEveryKindOfStream) {
  const InputFacts facts = facts_of(
      "Input #0, matroska,webm, from 'a.mkv':\n"
      "  Duration: N/A, start: 0.0, bitrate: N/A\n"
      "  Stream #0:0: Audio: none, 8000 Hz, mono\n"
      "  Stream #0:1: Audio: pcm_s16le, 48000 Hz, 12 channels, s16, 9216 kb/s\n"
      "  Stream #0:2(eng): Subtitle: subrip (default)\n"
      "  Stream #0:3: Data: bin_data (gpmd / 0x646D7067), 30 kb/s\n"
      "  Stream #0:4: Attachment: ttf\n"
      "  Stream #0:5: Video: mjpeg (Baseline), yuvj420p(pc, bt470bg/unknown/unknown), 500x400, 90k "
      "tbr, 90k tbn (attached pic)\n"
      "  Stream #0:6: Video: png, rgb24(pc), 320x240, 1 fps (still image)\n"
      "Stream mapping:\n");
  ASSERT_EQ(facts.streams.size(), 7U);
  EXPECT_FALSE(facts.duration);
  EXPECT_EQ(facts.streams[0].codec, "none");
  EXPECT_EQ(facts.streams[0].unplaced_channels, 0);
  EXPECT_EQ(facts.streams[1].unplaced_channels, 12);
  EXPECT_EQ(facts.streams[2].kind, StreamKind::kSubtitle);
  EXPECT_EQ(facts.streams[3].kind, StreamKind::kData);
  EXPECT_EQ(facts.streams[4].kind, StreamKind::kAttachment);
  EXPECT_TRUE(facts.streams[5].is_cover);
  EXPECT_EQ(facts.streams[5].width, 500U);
  EXPECT_TRUE(facts.streams[6].is_still_image);
}

TEST(InputFacts, AreReadFromTheDumpsOfFfmpeg4To7) {
  const struct {
    const char* name;
    const char* dump;
    const char* codec;
    FieldOrder fields;
  } rows[] = {
      {"ffmpeg 4 indents its streams more",
       "Input #0, rtsp, from 'rtsp://h/s':\n"
       "  Metadata:\n    title           : cam\n"
       "  Duration: N/A, start: 0.040000, bitrate: N/A\n"
       "    Stream #0:0: Video: h264 (Main), yuv420p(tv, bt709, top first), 1920x1080 [SAR 1:1 DAR "
       "16:9], 25 fps, 25 tbr, 90k tbn, 50 tbc\n"
       "    Metadata:\n      title           : lens\n"
       "    Stream #0:1: Audio: pcm_alaw, 8000 Hz, mono, s16, 64 kb/s\n"
       "Stream mapping:\n",
       "h264", FieldOrder::kInterlaced},
      {"ffmpeg 7 indents the streams of a group",
       "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'a.heic':\n"
       "  Duration: N/A, start: N/A, bitrate: N/A\n"
       "  Stream group #0:0[0x1]: Tile Grid: hevc, 1280x720 (default)\n"
       "      Stream #0:0[0x2]: Video: hevc (Main), yuv420p(tv, smpte170m, bottom coded first "
       "(swapped)), 720x576 [SAR 64:45 DAR 16:9], 1 fps\n"
       "      Stream #0:1[0x3]: Audio: aac\n"
       "Stream mapping:\n",
       "hevc", FieldOrder::kInterlaced},
      {"a length of zero is none, and no field order is told",
       "Input #0, flv, from 'http://h/live.flv':\n"
       "  Duration: 00:00:00.00, start: 0.0, bitrate: N/A\n"
       "  Stream #0:0: Video: flv1, yuv420p, 320x240\n"
       "  Stream #0:1: Audio: mp3, 44100 Hz\n"
       "Output #0, flv, to 'pipe:1':\n",
       "flv1", FieldOrder::kUnknown},
  };
  for (const auto& row : rows) {
    const InputFacts facts = facts_of(row.dump);
    ASSERT_EQ(facts.streams.size(), 2U) << row.name;
    EXPECT_FALSE(facts.duration) << row.name;
    EXPECT_EQ(facts.streams[0].codec, row.codec) << row.name;
    EXPECT_EQ(facts.streams[0].fields, row.fields) << row.name;
    EXPECT_EQ(facts.streams[1].kind, StreamKind::kAudio) << row.name;
  }
}

TEST(InputFacts, TellWhichProgrammesAndVariantsHaveWhichStreams) {
  const InputFacts broadcast = facts_of(
      "Input #0, mpegts, from 'udp://h:1':\n"
      "  Duration: N/A, start: 1.4, bitrate: N/A\n"
      "  Program 28106 News\n"
      "    Metadata:\n      service_name    : News\n"
      "  Stream #0:2[0x100]: Video: mpeg2video (Main) ([2][0][0][0] / 0x0002), yuv420p, 720x576\n"
      "  Stream #0:0[0x101](deu): Audio: mp2 ([3][0][0][0] / 0x0003), 48000 Hz, stereo\n"
      "  Program 28107 Film\n"
      "  Stream #0:1[0x200]: Video: h264 ([27][0][0][0] / 0x001B), yuv420p, 1280x720\n"
      "  No Program\n"
      "  Stream #0:3[0x12]: Data: epg\n"
      "Stream mapping:\n");
  ASSERT_EQ(broadcast.programs.size(), 2U);
  EXPECT_EQ(broadcast.programs[0].id, 28106);
  EXPECT_THAT(broadcast.programs[0].streams, ElementsAre(2, 0));
  EXPECT_THAT(broadcast.programs[1].streams, ElementsAre(1));
  EXPECT_EQ(broadcast.streams.size(), 4U);

  const InputFacts playlist = facts_of(
      "Input #0, hls, from 'http://h/master.m3u8':\n"
      "  Duration: N/A, start: 1.4, bitrate: N/A\n"
      "  Program 0 \n"
      "    Metadata:\n      variant_bitrate : 200000\n"
      "  Stream #0:0: Video: h264, yuv420p, 160x120 [SAR 1:1 DAR 4:3], 30 fps, 90k tbn\n"
      "    Metadata:\n      variant_bitrate : 200000\n"
      "  Stream #0:2(de): Audio: aac (LC), 44100 Hz, mono, fltp\n"
      "  Program 1 \n"
      "    Metadata:\n      variant_bitrate : 2000000\n"
      "  Stream #0:1: Video: h264, yuv420p, 640x480\n"
      "    Metadata:\n      variant_bitrate : 2000000\n"
      "  Stream #0:2(de): Audio: aac (LC), 44100 Hz, mono, fltp\n"
      "Stream mapping:\n");
  ASSERT_EQ(playlist.streams.size(), 3U);
  EXPECT_EQ(playlist.streams[0].variant_bitrate_bps, 200'000U);
  EXPECT_EQ(playlist.streams[1].variant_bitrate_bps, 0U) << "the sound is of both variants";
  EXPECT_EQ(playlist.streams[2].variant_bitrate_bps, 2'000'000U);
  ASSERT_EQ(playlist.programs.size(), 2U);
  EXPECT_THAT(playlist.programs[1].streams, ElementsAre(1, 2));
}

TEST(InputFacts, AreThoseOfTheFirstInputOnly) {
  const InputFacts facts = facts_of(
      "Input #0, mp3, from 'a.mp3':\n"
      "  Duration: N/A, start: 0.0, bitrate: N/A\n"
      "  Stream #0:0: Audio: mp3, 44100 Hz\n"
      "Input #1, lavfi, from 'color':\n"
      "  Duration: 00:00:09.00, start: 0.000000, bitrate: N/A\n"
      "  Stream #1:0: Video: rawvideo, yuv420p, 640x360\n"
      "Stream mapping:\n");
  EXPECT_EQ(facts.streams.size(), 1U);
  EXPECT_FALSE(facts.duration);
}

// As ffmpeg 5.1 prints a Matroska file's tags and its chapters.
std::string dump_with_metadata(const std::string& of_input, const std::string& of_others) {
  return "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'a.mp4':\n[info]   Metadata:\n" +
         of_input +
         "[info]   Duration: 00:00:10.00, start: 0.000000, bitrate: 90 kb/s\n"
         "[info]   Chapters:\n[info]     Chapter #0:0: start 0.000000, end 1.000000\n"
         "[info]       Metadata:\n" +
         of_others + "[info]   Program 1 \n[info]     Metadata:\n" + of_others +
         "[info]   Stream #0:0(und): Video: h264, yuv420p(progressive), 640x360, 30 fps\n"
         "[info]     Metadata:\n" +
         of_others + "[info]   Stream #0:1: Audio: aac (LC), 44100 Hz\n[info] Stream mapping:\n";
}

TEST(InputFacts, NoMetadataChangesThem) {
  const std::vector<InputFacts> expected = all_facts_of(dump_with_metadata("", ""));
  ASSERT_EQ(expected.size(), 1U);
  ASSERT_EQ(expected.front().streams.size(), 2U);
  const char* const texts[] = {"Why this search matches no streams",
                               "Stream map '0:V:0' matches no streams.",
                               "Stream mapping:",
                               "Output #0, flv, to 'pipe:1':",
                               "Input #0, hls, from 'x':",
                               "Input #1, hls, from 'x':",
                               "Stream #0:0: Audio: mp3",
                               "  Stream #0:5: Video: hevc, yuv420p, 2x2",
                               "Duration: N/A, start: 0",
                               "Program 7",
                               "Metadata:",
                               "Chapters:",
                               "variant_bitrate : 9",
                               "[info] Stream mapping:",
                               "[error] Stream map 'x' matches no streams."};
  for (const std::string text : texts) {
    const auto entries = [&](const std::string& blanks) {
      return "[info] " + blanks + "title           : " + text + "\n" +          //
             "[info] " + blanks + "comment         : one\n" +                   //
             blanks + "                : " + text + "\n" +                      //
             "[info] " + blanks + text + ": under a key\n" +                    //
             "[info] " + blanks + "odd\n" + text + "           : in a key\n" +  //
             "[info] " + blanks + text + "\n";
    };
    // A newline in a key is the only way to the start of a line; a level there cannot be told from
    // ffmpeg's own.
    if (text.starts_with('[')) continue;
    EXPECT_EQ(all_facts_of(dump_with_metadata(entries("    "), entries("        "))), expected)
        << text;
  }
}

TEST(InputFacts, EndWhereFfmpegFindsNothingToMap) {
  const std::string dump =
      "[info] Input #0, mp3, from 'song.mp3':\n"
      "[info]   Duration: 00:03:12.00, start: 0.025057, bitrate: 320 kb/s\n"
      "[info]   Stream #0:0: Audio: mp3, 44100 Hz, stereo, fltp, 320 kb/s\n";
  for (const char* end : {"[fatal] Stream map '0:V:0' matches no streams.\n",
                          "[out#0/flv @ 0x55] [fatal] Stream map '0:V:0' matches no streams.\n"}) {
    EXPECT_EQ(all_facts_of(dump + end).size(), 1U) << end;
  }
  for (const char* other : {"[info] Stream map '0:V:0' matches no streams.\n",
                            "[error] x: matches no streams\n", "Stream mapping:\n"}) {
    EXPECT_TRUE(all_facts_of(dump + other).empty()) << other;
  }
}

TEST(InputFacts, AreToldAgainWhenOnlyTheOutputShowsThatPicturesAreInterlaced) {
  const std::string head = with_levels(
      "Input #0, mpegts, from 'udp://h:1':\n"
      "  Stream #0:0[0x100]: Audio: mp2\n"
      "  Stream #0:1[0x101]: Video: h264 (Main) ([27][0][0][0] / 0x001B), yuv420p, 720x576\n"
      "Stream mapping:\n"
      "  Stream #0:1 -> #0:0 (h264 (native) -> h264 (libx264))\n"
      "  Stream #0:0 -> #1:0 (mp2 -> aac)\n"
      "Output #0, flv, to 'pipe:1':\n"
      "  Metadata:\n"
      "    Stream #0:0: Video: h264, yuv420p(top first)\n");
  for (const bool interlaced : {true, false}) {
    const char* const fields = interlaced ? "top coded first (swapped)" : "progressive";
    const std::vector<InputFacts> told =
        all_facts_of(head + "[info]   Stream #0:0: Video: h264, yuv420p(tv, " + fields +
                     "), 720x576\n[info]   Stream #0:0: Video: h264, yuv420p(top first), 2x2\n");
    ASSERT_EQ(told.size(), interlaced ? 2U : 1U);
    EXPECT_EQ(told.front().streams.at(1).fields, FieldOrder::kUnknown);
    if (!interlaced) continue;
    EXPECT_EQ(told.back().streams.at(1).fields, FieldOrder::kInterlaced);
  }
}

TEST(InputFacts, TellsTheKindOfSound) {
  const struct {
    const char* text;
    bool is_aac_lc;
    std::uint32_t channels;
    std::uint32_t rate;
  } rows[] = {
      {"aac (LC) ([15][0][0][0] / 0x000F), 48000 Hz, stereo, fltp, 66 kb/s", true, 2, 48'000},
      {"aac (aac_at) (LC), 16000 Hz, mono, fltp", true, 1, 16'000},
      {"aac (HE-AAC) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp", false, 2, 44'100},
      {"aac (HE-AACv2), 44100 Hz, stereo, fltp", false, 2, 44'100},
      {"aac (LC) (mp4a / 0x6134706D), 48000 Hz, 5.1, fltp, 341 kb/s", true, 0, 48'000},
      {"aac_latm (LC), 48000 Hz, stereo, fltp", false, 2, 48'000},
      {"aac ([15][0][0][0] / 0x000F), 0 channels", false, 0, 0}};
  for (const auto& row : rows) {
    const StreamFacts sound = facts_of(std::string("Input #0, mpegts, from 'a':\n"
                                                   "  Stream #0:0: Audio: ") +
                                       row.text + "\nStream mapping:\n")
                                  .streams.at(0);
    EXPECT_EQ(sound.is_aac_lc, row.is_aac_lc) << row.text;
    EXPECT_EQ(sound.placed_channels, row.channels) << row.text;
    EXPECT_EQ(sound.sample_rate, row.rate) << row.text;
  }
}

// Its output is open before the others are mapped.
TEST(InputFacts, SoundThatIsPassedThroughDoesNotHideInterlacedPictures) {
  const std::vector<InputFacts> told = all_facts_of(
      with_levels("Input #0, mpegts, from 'udp://h:1':\n"
                  "  Stream #0:0[0x101]: Video: h264 (Main), yuv420p, 720x576\n"
                  "  Stream #0:1[0x100]: Audio: aac (LC), 48000 Hz, stereo, fltp\n"
                  "Output #1, flv, to 'pipe:4':\n"
                  "  Stream #1:0: Audio: aac (LC), 48000 Hz, stereo, fltp\n"
                  "Stream mapping:\n"
                  "  Stream #0:0 -> #0:0 (h264 (native) -> h264 (libx264))\n"
                  "  Stream #0:1 -> #1:0 (copy)\n"
                  "Output #0, flv, to 'pipe:1':\n"
                  "  Stream #0:0: Video: h264, yuv420p(tv, top coded first (swapped)), 720x576\n"));
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told.back().streams.at(0).fields, FieldOrder::kInterlaced);
}

TEST(InputFacts, AreNotToldBeforeTheDescriptionEnds) {
  const std::string dump = with_levels(kFile);
  const std::size_t end = dump.find("Stream mapping:");
  for (std::size_t cut = 0; cut < end; ++cut)
    EXPECT_TRUE(all_facts_of(dump.substr(0, cut) + "\n").empty()) << cut;
}

TEST(InputFacts, HostileLinesAreHarmless) {
  EXPECT_TRUE(all_facts_of(with_levels("Stream mapping:\nOutput #0\nDuration: 9\n")).empty());
  const InputFacts facts = facts_of(
      "Input #0, x\n  Duration: 99999999999999999999:x\n  Stream #0:\n  Stream #0:1\n"
      "  Stream #0:2: Video:\n  Stream #0:3: Video: \n  Stream #0:99999999999: Video: h264\n"
      "  Stream #0:4: Video: h264, (((, 9999999999999x1, 1x, x1\n"
      "  Stream #0:5: Audio: aac, 99999999999 channels\n  Program\n  Program x\n" +
      std::string(100'000, ',') + "\nStream mapping:\n");
  EXPECT_FALSE(facts.duration);
  for (const StreamFacts& stream : facts.streams) {
    EXPECT_EQ(stream.width, 0U);
    EXPECT_EQ(stream.unplaced_channels, 0);
  }
}

TEST(InputFacts, KnowADecodersComplaints) {
  EXPECT_TRUE(complains_of_packets("Frame num change from 8 to 9"));
  EXPECT_TRUE(complains_of_packets("concealing 120 DC, 120 AC, 120 MV errors in P frame"));
  EXPECT_TRUE(complains_of_packets("First slice in a frame missing."));
  EXPECT_TRUE(complains_of_packets("h264: No start code is found."));
  EXPECT_TRUE(complains_of_packets("h264: Error splitting the input into NAL units."));
  EXPECT_FALSE(complains_of_packets("non-existing PPS 0 referenced"));
}

}  // namespace
}  // namespace livestream
