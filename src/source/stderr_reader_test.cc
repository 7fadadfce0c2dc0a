#include "source/stderr_reader.h"

#include <deque>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(StderrReader, WhatIsMeantToBeSoIsNoWarning) {
  StderrReader reader;
  for (const char* line : {"[aac @ 0x5f] [warning] Multiple frames in a packet.\n",
                           "[graph 0 input @ 0x5f] [warning] Changing video frame properties on "
                           "the fly is not supported by all filters.\n",
                           "[swscaler @ 0x5f] [swscaler @ 0x5f] [warning] deprecated pixel format "
                           "used, make sure you did set range correctly\n"}) {
    const auto lines = reader.read(line);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].level, LogLevel::kDebug) << line;
  }
}

using ::testing::HasSubstr;

TEST(StderrReader, TakesLevelAndAddressOffTheLine) {
  const struct {
    const char* line;
    LogLevel level;
    const char* text;
    bool has_level = true;
  } rows[] = {
      {"[error] x.mp4: No such file or directory", LogLevel::kError,
       "x.mp4: No such file or directory"},
      {"[h264 @ 0x55d0c0] [warning] error while decoding", LogLevel::kWarn,
       "h264: error while decoding"},
      {"[aist#0:1/aac @ 0x5] [dec:aac @ 0x6] [error] bad", LogLevel::kError,
       "aist#0:1/aac: dec:aac: bad"},
      {"[fatal] gone", LogLevel::kError, "gone"},
      {"[info] Input #0, hls, from 'x':", LogLevel::kDebug, "Input #0, hls, from 'x':"},
      {"[info]   Stream #0:0[0x1](und): Video: h264", LogLevel::kDebug,
       "  Stream #0:0[0x1](und): Video: h264"},
      {"x264 [error]: malloc of size 5353683 failed", LogLevel::kError,
       "x264 [error]: malloc of size 5353683 failed", false},
      {"19:02:51.732026/SRT:RcvQ:w1!W:SRT.cn: REJECT reported: Incorrect passphrase - stop",
       LogLevel::kError,
       "19:02:51.732026/SRT:RcvQ:w1!W:SRT.cn: REJECT reported: Incorrect passphrase - stop", false},
      {"no level at all", LogLevel::kDebug, "no level at all", false},
      {"[not a tag", LogLevel::kDebug, "[not a tag", false},
      {"[a] [b] c", LogLevel::kDebug, "[a] [b] c", false},
  };
  for (const auto& row : rows) {
    StderrReader reader;
    const auto lines = reader.read(std::string(row.line) + "\n");
    ASSERT_EQ(lines.size(), 1U) << row.line;
    EXPECT_EQ(lines[0].level, row.level) << row.line;
    EXPECT_EQ(lines[0].text, row.text);
    EXPECT_EQ(lines[0].has_level, row.has_level) << row.line;
  }
}

TEST(StderrReader, ReadsTheSameInEverySplit) {
  const std::string text = "[error] one\n[tcp @ 0x1] [warning] two\rthree\n\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    StderrReader reader;
    std::vector<StderrLine> lines = reader.read(text.substr(0, cut));
    for (StderrLine& line : reader.read(text.substr(cut))) lines.push_back(line);
    ASSERT_EQ(lines.size(), 3U) << cut;
    EXPECT_EQ(lines[0].text, "one");
    EXPECT_EQ(lines[1].text, "tcp: two");
    EXPECT_EQ(lines[2].text, "three");
  }
}

TEST(StderrReader, IsBoundedAgainstAFlood) {
  StderrReader reader;
  EXPECT_TRUE(reader.read(std::string(1 << 20, '[')).empty());
  const auto lines = reader.read("\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LE(lines[0].text.size(), 2048U);
  for (int i = 0; i < 100; ++i) (void)reader.read("[error] e" + std::to_string(i) + "\n");
  EXPECT_EQ(reader.errors().size(), 10U);
  EXPECT_EQ(reader.errors().back(), "e99");
}

TEST(Explain, NamesTheCauseAndTheCure) {
  const struct {
    std::deque<std::string> errors;
    const char* part;
  } rows[] = {
      {{"mov,mp4: moov atom not found", "file:a.mp4: Invalid data found when processing input"},
       "record to MKV"},
      {{"tcp: Connection to tcp://h:554 failed: Connection refused"}, "nothing listens"},
      {{"http://h/x: Server returned 404 Not Found"}, "404 Not Found"},
      {{"method DESCRIBE failed: 401 Unauthorized"}, "user and password"},
      {{"file:a.mp4: No such file or directory"}, "does not exist"},
      {{"srt: failed to set option SRTO_PASSPHRASE on socket: Operation not supported: Bad "
        "parameters",
        "srt://host:1: Input/output error"},
       "10 to 79 characters"},
      {{"webp: skipping unsupported chunk: ANIM",
        "file:a.webp: Invalid data found when processing input"},
       "animated WebP"},
      {{"Unknown encoder 'x'"}, "VIDEO_CODEC=libx264"},
      {{"/dev/video0: Device or resource busy"}, "another program"},
      {{"a.mp4: Invalid data found when processing input"}, "not a video"},
      {{"http://h/login: Invalid data found when processing input"}, "web page"},
      {{"srt: Connection to srt://h:1 failed", "x: REJECT reported: Incorrect passphrase"},
       "passphrase"},
      {{"rtsp: method SETUP failed: 461 Unsupported Transport", "x: Protocol not supported"},
       "RTSP_TRANSPORT"},
      {{"rtsp: method DESCRIBE failed: 453 Not Enough Bandwidth",
        "x: Server returned 4XX Client Error, but not one of 40{0,1,3,4}"},
       "no more viewers"},
      {{"x: Server returned 4XX Client Error, but not one of 40{0,1,3,4}"}, "refuses the request"},
      {{"tls: An unexpected TLS packet was received.", "x: Input/output error"}, "TLS"},
      {{"rtmp: Cannot read RTMP handshake response", "x: End of file"}, "RTMP server"},
      {{"video4linux2,v4l2: Cannot open video device /dev/video99: No such file or directory"},
       "no such camera"},
      {{"exr_pipe: Format not on whitelist 'mov'", "file:p.exr: Invalid argument"},
       "still pictures"},
      {{"tcp: Failed to resolve hostname h: Name or service not known", "x: Input/output error"},
       "host name is not known"},
  };
  for (const auto& row : rows) EXPECT_THAT(explain(row.errors), HasSubstr(row.part));
}

// Lines of ffmpeg 5.1 with GnuTLS, and OpenSSL's words.
TEST(Explain, TellsWhatIsWrongWithACertificate) {
  const std::string last = "https://h/x: Input/output error";
  EXPECT_THAT(explain({"tls: The certificate's owner does not match hostname h", last}),
              HasSubstr("another host"));
  EXPECT_THAT(explain({"tls: Peer certificate failed verification", last}),
              HasSubstr("not trusted or has expired"));
  EXPECT_THAT(explain({"tls: error:0A000086:SSL routines::certificate verify failed", last}),
              HasSubstr("not trusted or has expired"));
}

TEST(Explain, TellsARefusalOfTheCameraBeforeTheGeneralOne) {
  const std::string last =
      "rtsp://h/x: Server returned 4XX Client Error, but not one of 40{0,1,3,4}";
  EXPECT_THAT(explain({"rtsp: method PLAY failed: 454 Session Not Found", last}),
              HasSubstr("lost the session"));
  EXPECT_THAT(explain({"rtsp: method PLAY failed: 455 Method Not Valid In This State", last}),
              HasSubstr("camera refuses"));
  EXPECT_THAT(explain({"rtsp: method DESCRIBE failed: 404 Stream Not Found"}),
              HasSubstr("does not exist"));
}

TEST(Explain, TellsWhyAServerIsNotReached) {
  EXPECT_THAT(explain({"tcp: Connection to tcp://h:554?timeout=0 failed: No route to host"}),
              HasSubstr("no route"));
  EXPECT_THAT(explain({"tcp: Connection to tcp://h:554 failed: Network is unreachable"}),
              HasSubstr("network"));
  EXPECT_THAT(explain({"srt: Connection to srt://h:1 failed: Connection timed out"}),
              HasSubstr("does not answer"));
  EXPECT_THAT(explain({"srt: Connection to srt://h:1 failed: Input/output error"}),
              HasSubstr("streamid"));
  EXPECT_THAT(explain({"/dev/video0: Permission denied"}), HasSubstr("group `video`"));
}

// A source that plays brings such warnings, too: they do not tell why it ended.
TEST(Explain, AWarningTellsTheCauseOnlyBeforeTheFirstPicture) {
  const struct {
    const char* line;
    const char* part;
  } rows[] = {
      {"[hls @ 0x5] [warning] Failed to open segment 0 of playlist 0\n", "segments"},
      {"[hls @ 0x5] [warning] Empty segment [http://h/x.m3u8]\n", "no segments"},
      {"[http @ 0x5] [warning] HTTP error 429 Too Many Requests\n", "too many requests"},
      {"[rtsp @ 0x5] [warning] Could not find codec parameters for stream 0 (Video: h264, none): "
       "unspecified size\n",
       "sprop"},
      {"[rtsp @ 0x5] [warning] Could not find codec parameters for stream 0 (Video: none, none): "
       "unknown codec\n",
       "not known"},
  };
  for (const auto& row : rows) {
    StderrReader reader;
    (void)reader.read(row.line);
    EXPECT_THAT(explain(reader.errors()), HasSubstr(row.part)) << row.line;
    EXPECT_EQ(explain(reader.errors(), true), "") << row.line;
  }
  StderrReader reader;
  (void)reader.read("[http @ 0x5] [warning] HTTP error 404 Not Found\n");
  EXPECT_TRUE(reader.errors().empty());
}

TEST(Explain, TellsThatPicturesComeWithoutParameterSets) {
  EXPECT_THAT(explain_silence({"h264: non-existing PPS 1 referenced", "h264: no frame!"}),
              HasSubstr("sprop"));
  EXPECT_EQ(explain_silence({"h264: error while decoding MB 1 2"}), "");
  EXPECT_EQ(explain_silence({}), "");
}

TEST(Explain, FallsBackToTheLastWordsWithoutSecrets) {
  EXPECT_EQ(explain({}), "");
  EXPECT_EQ(explain({"first", "something odd"}), "something odd");
  EXPECT_EQ(explain({"something odd", "h264: no frame!"}), "something odd");
  EXPECT_EQ(explain({"h264: no frame!"}), "");
  EXPECT_THAT(explain({"rtsp://user:geheim@h/s: odd"}), testing::Not(HasSubstr("geheim")));
}

TEST(StderrReader, AnOutputThatIsTriedIsNotAnError) {
  StderrReader reader;
  const auto lines = reader.read(
      "[flv @ 0x55ac] [error] Tag [10][0][0][0] incompatible with output codec id '86017' "
      "([2][0][0][0])\n"
      "[tee @ 0x55ac] [error] Slave '[f=flv]pipe:6': error writing header: Invalid data found when "
      "processing input\n"
      "[tee @ 0x55ac] [error] Slave muxer #0 failed: Invalid data found when processing input, "
      "continuing with 1/2 slaves.\n");
  ASSERT_EQ(lines.size(), 3U);
  for (const StderrLine& line : lines) EXPECT_EQ(line.level, LogLevel::kDebug) << line.text;
  EXPECT_TRUE(reader.errors().empty());
}

}  // namespace
}  // namespace livestream
