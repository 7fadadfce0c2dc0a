#include "source/input_facts.h"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace livestream {
namespace {

std::optional<InputFacts> facts_of(const std::string& dump) {
  InputDumpReader reader;
  std::istringstream lines(dump);
  std::optional<InputFacts> facts;
  for (std::string line; std::getline(lines, line);) {
    if (const auto found = reader.read_line(line)) {
      EXPECT_FALSE(facts) << "told twice";
      facts = found;
    }
  }
  return facts;
}

struct Row {
  const char* name;
  const char* dump;
  bool video;
  bool audio;
  bool interlaced;
  bool finite;
  bool segmented;
};

const Row kRows[] = {
    {"a file, ffmpeg 5",
     "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'clip.mp4':\n"
     "  Duration: 00:00:04.00, start: 0.000000, bitrate: 879 kb/s\n"
     "  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(progressive), "
     "640x360 [SAR 1:1 DAR 16:9], 798 kb/s, 30 fps, 30 tbr, 15360 tbn (default)\n"
     "  Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp\n"
     "Stream mapping:\n  Stream #0:0 -> #0:0\nOutput #0, flv, to 'pipe:1':\n"
     "  Stream #0:0: Video: h264, yuv420p(top first)\n",
     true, true, false, true, false},
    {"a camera, ffmpeg 4",
     "Input #0, rtsp, from 'rtsp://h/s':\n"
     "  Duration: N/A, start: 0.040000, bitrate: N/A\n"
     "    Stream #0:0: Video: h264 (Main), yuv420p(tv, bt709, top first), 1920x1080 [SAR 1:1 DAR "
     "16:9], 25 fps, 25 tbr, 90k tbn, 50 tbc\n"
     "Stream mapping:\n",
     true, false, true, false, false},
    {"broadcast with the fields swapped, ffmpeg 7",
     "Input #0, mpegts, from 'udp://h:1':\n"
     "  Duration: N/A, start: 1.4, bitrate: N/A\n"
     "  Program 1\n"
     "  Stream #0:0[0x100]: Video: mpeg2video (Main) ([2][0][0][0] / 0x0002), yuv420p(tv, "
     "smpte170m, bottom coded first (swapped)), 720x576 [SAR 64:45 DAR 16:9], 25 fps\n"
     "  Stream #0:1[0x101](ger): Audio: mp2 (mp3float) ([3][0][0][0] / 0x0003), 48000 Hz\n"
     "Stream mapping:\n",
     true, true, true, false, false},
    {"music with a cover",
     "Input #0, mp3, from 'song.mp3':\n"
     "  Duration: 00:03:12.00, start: 0.025057, bitrate: 320 kb/s\n"
     "  Stream #0:0: Audio: mp3, 44100 Hz, stereo, fltp, 320 kb/s\n"
     "  Stream #0:1: Video: mjpeg (Baseline), yuvj420p(pc, bt470bg/unknown/unknown), 500x500, 90k "
     "tbr, 90k tbn (attached pic)\n"
     "Stream map '0:V:0' matches no streams.\n",
     false, true, false, true, false},
    {"a live playlist",
     "Input #0, hls, from 'http://h/live.m3u8':\n"
     "  Duration: N/A, start: 10.0, bitrate: N/A\n"
     "  Stream #0:0: Video: h264 (High), yuv420p, 1280x720, 30 fps\n"
     "Output #0, flv, to 'pipe:1':\n",
     true, false, false, false, true},
    {"a length of zero is none",
     "Input #0, flv, from 'http://h/live.flv':\n"
     "  Duration: 00:00:00.00, start: 0.0, bitrate: N/A\n"
     "  Stream #0:0: Video: flv1, yuv420p, 320x240\n"
     "Stream mapping:\n",
     true, false, false, false, false},
    {"a second input says nothing of the first",
     "Input #0, mp3, from 'a.mp3':\n"
     "  Duration: N/A, start: 0.0, bitrate: N/A\n"
     "  Stream #0:0: Audio: mp3, 44100 Hz\n"
     "Input #1, lavfi, from 'color':\n"
     "  Duration: 00:00:09.00, start: 0.000000, bitrate: N/A\n"
     "  Stream #1:0: Video: rawvideo, yuv420p, 640x360\n"
     "Stream mapping:\n",
     false, true, false, false, false},
};

TEST(InputFacts, AreReadFromEveryDump) {
  for (const Row& row : kRows) {
    const auto facts = facts_of(row.dump);
    ASSERT_TRUE(facts) << row.name;
    InputFacts expected;
    expected.has_video = row.video;
    expected.has_audio = row.audio;
    expected.interlaced = row.interlaced;
    expected.finite = row.finite;
    expected.segmented = row.segmented;
    expected.video_codec = facts->video_codec;        // has a test of its own
    expected.whole_pictures = facts->whole_pictures;  // so has this
    EXPECT_EQ(*facts, expected) << row.name;
  }
}

TEST(InputFacts, NameTheCodecOfTheVideoThatIsUsed) {
  EXPECT_EQ(facts_of(kRows[0].dump)->video_codec, "h264");
  EXPECT_EQ(facts_of(kRows[2].dump)->video_codec, "mpeg2video");
  EXPECT_EQ(
      facts_of(
          "Input #0, mov, from 'a':\n  Stream #0:0: Video: hevc, yuv420p, 2x2\nStream mapping:\n")
          ->video_codec,
      "hevc");
}

TEST(InputFacts, KnowWhichContainersAndCodecsNeedNoParser) {
  const struct {
    const char* dump;
    bool whole;
  } rows[] = {
      {"Input #0, mpegts, from 'tcp://h:1':\n  Stream #0:0[0x100]: Video: h264 (Main) "
       "([27][0][0][0] / 0x001B), yuv420p, 2x2\n  Stream #0:1[0x101]: Audio: aac (LC)\n",
       true},
      {"Input #0, mpegts, from 'tcp://h:1':\n  Stream #0:0: Video: hevc (Main)\n", true},
      {"Input #0, mpegts, from 'tcp://h:1':\n  Stream #0:0: Video: mpeg2video (Main)\n", false},
      {"Input #0, mpegts, from 'tcp://h:1':\n  Stream #0:0: Video: h264\n  Stream #0:1: Audio: "
       "opus, 48000 Hz\n",
       false},
      {"Input #0, flv, from 'tcp://h:1':\n  Stream #0:0: Video: h264 (Main)\n", true},
      {"Input #0, h264, from 'tcp://h:1':\n  Stream #0:0: Video: h264 (Main)\n", false},
      {"Input #0, mpeg, from 'tcp://h:1':\n  Stream #0:0: Video: h264 (Main)\n", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(facts_of(std::string(row.dump) + "Stream mapping:\n")->whole_pictures, row.whole)
        << row.dump;
  }
}

TEST(InputFacts, AreToldAgainWhenOnlyTheOutputShowsThatPicturesAreInterlaced) {
  const char* const kHead =
      "Input #0, mpegts, from 'udp://h:1':\n"
      "  Stream #0:0[0x100]: Video: h264 (Main) ([27][0][0][0] / 0x001B), yuv420p, 720x576\n"
      "Stream mapping:\n"
      "  Stream #0:0 -> #0:0 (h264 (native) -> h264 (libx264))\n"
      "Output #0, flv, to 'pipe:1':\n";
  for (const bool interlaced : {true, false}) {
    InputDumpReader reader;
    std::istringstream lines(kHead);
    int told = 0;
    for (std::string line; std::getline(lines, line);) {
      const auto facts = reader.read_line(line);
      if (!facts) continue;
      EXPECT_FALSE(facts->interlaced);
      ++told;
    }
    EXPECT_EQ(told, 1);
    const char* const fields = interlaced ? "top coded first (swapped)" : "progressive";
    const auto facts = reader.read_line(std::string("  Stream #0:0: Video: h264, yuv420p(tv, ") +
                                        fields + "), 720x576");
    EXPECT_EQ(facts.has_value(), interlaced);
    EXPECT_EQ(facts.value_or(InputFacts{}).interlaced, interlaced);
    EXPECT_FALSE(reader.read_line("  Stream #0:0: Video: h264, yuv420p(top first), 2x2"));
  }
}

TEST(InputFacts, KnowADecodersComplaints) {
  EXPECT_TRUE(complains_of_packets("Frame num change from 8 to 9"));
  EXPECT_TRUE(complains_of_packets("concealing 120 DC, 120 AC, 120 MV errors in P frame"));
  EXPECT_TRUE(complains_of_packets("First slice in a frame missing."));
  EXPECT_FALSE(complains_of_packets("non-existing PPS 0 referenced"));
}

TEST(InputFacts, AreNotToldBeforeTheDescriptionEnds) {
  for (const Row& row : kRows) {
    const std::string dump = row.dump;
    std::size_t end = dump.find("Stream mapping:");
    if (end == std::string::npos) end = dump.find("Stream map ");
    if (end == std::string::npos) end = dump.find("Output #0");
    for (std::size_t cut = 0; cut <= end; ++cut) EXPECT_FALSE(facts_of(dump.substr(0, cut)));
  }
}

TEST(InputFacts, HostileLinesAreHarmless) {
  EXPECT_FALSE(facts_of("Stream mapping:\nOutput #0\nDuration: 9\n"));
  const auto facts = facts_of("Input #0, x\nDuration: 99999999999999999999:x\nStream #0:\n" +
                              std::string(100'000, ',') + "\nStream mapping:\n");
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->finite);
}

}  // namespace
}  // namespace livestream
