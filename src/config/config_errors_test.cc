#include <map>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config_fixture.h"
#include "config/settings.h"

// The errors that users read.

namespace livestream {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ConfigErrors : public ConfigTest {};

TEST_F(ConfigErrors, RefusesACommandLineItDoesNotUnderstand) {
  const std::string hint = "; see livestream-server --help";
  EXPECT_EQ(error({"--video-speed", "2"}), "unknown flag --video-speed" + hint);
  EXPECT_EQ(error({"--video_file=rtsp://u:p@h"}),
            "unknown flag --video_file: did you mean --video-file?" + hint);
  EXPECT_EQ(error({"-x"}), "unknown flag -x" + hint);
  EXPECT_EQ(error({"a.mp4", "--video-file", "b.mp4"}),
            "give the source by itself or with --video-file, not both" + hint);
  EXPECT_EQ(error({"a.mp4", "--port"}), "--port needs a value" + hint);
  EXPECT_THAT(error({"--check=maybe"}), HasSubstr("--check"));
  EXPECT_THAT(error({"--check=rtsp://u:p@h"}), Not(HasSubstr("u:p")));
}

TEST_F(ConfigErrors, ReportsErrorsOfTheEnvFile) {
  write_env_file("PORT=1\nPORT\n");
  EXPECT_EQ(error({}), ".env line 2: expected KEY=VALUE, found no `=`");
  write_env_file("\n\nPORT=x\n");
  EXPECT_EQ(
      error({}),
      ".env line 3: PORT=\"x\": must be a whole number from 0 to 65535 (0 picks a free port)");
  // Overridden values do not matter.
  EXPECT_EQ(config({}, {{"PORT", "1"}}).server.port, 1);
  write_env_file(std::string((1 << 20) + 1, '#'));
  EXPECT_EQ(error({}), ".env is larger than 1 MiB: not a file of settings");
}

TEST_F(ConfigErrors, NamesKeyValueAndWhatIsAllowed) {
  const std::map<std::string, std::pair<std::vector<std::string>, std::string>> table = {
      {"VIDEO_FPS",
       {{"0", "241", "abc", "30,vflip", "-1"},
        "a frame rate from 1 to 240, such as 30, 29.97 or 30000/1001"}},
      {"VIDEO_QUALITY",
       {{"-0.1", "1.1", "1.0000000000001", "nan", "inf", "0,5", "1e-1", "best", "5."},
        "a number from 0 (smallest) to 1 (best), such as 0.5"}},
      {"VIDEO_CRF", {{"-1", "52", "23.5", "x"}, "a whole number from 0 to 51"}},
      {"VIDEO_RESOLUTION",
       {{"720p", "1x720", "1280x16385", "1280x720,vflip", "1280:720"},
        "WIDTHxHEIGHT, such as 1280x720, each 2 to 16384"}},
      {"AUDIO_CODEC", {{"copy", "mp3"}, "auto or aac"}},
      {"AUDIO_BITRATE",
       {{"0", "128", "513k", "4M", "loud"}, "a bitrate from 8k to 512k, such as 128k"}},
      {"GROWING_FILE", {{"2", "maybe"}, "1, true, yes or on, else 0, false, no or off"}},
      {"FFMPEG_MEMORY_MB",
       {{"63", "1000001", "2G", "-1"},
        "a whole number of megabytes from 64 to 1000000, or 0 for no limit"}},
      {"SLATE", {{"2", "maybe"}, "1, true, yes or on, else 0, false, no or off"}},
      {"HOST",
       {{"256.1.1.1", "a b", "[h]", "[1.2.3.4]", "host:80"},
        "an IPv4 or IPv6 address or a host name, such as 0.0.0.0, :: or localhost"}},
      {"PORT", {{"-1", "65536", "80a"}, "a whole number from 0 to 65535 (0 picks a free port)"}},
      {"MAX_CLIENTS", {{"0", "1000001", "many"}, "a whole number from 1 to 1000000"}},
      {"VIDEO_PRESET",
       {{"fastest", "Slow", "slow,x"},
        "ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow or placebo "
        "(for another VIDEO_CODEC than libx264: a-z, 0-9, _ and -)"}},
      {"VIDEO_PROFILE",
       {{"high10", "high444", "Main"},
        "baseline, main or high (for another VIDEO_CODEC than libx264: a-z, 0-9, _ and -)"}},
      {"VIDEO_MAXRATE",
       {{"49k", "1001M", "4Mbit", "fast"}, "a bitrate from 50k to 1000M, such as 4M"}},
      {"VIDEO_CODEC",
       {{"lib-x264", "h264;x", "a b"},
        "copy, or the name of an H.264 encoder of ffmpeg: letters, digits and _"}},
      {"VIDEO_INPUT_SIZE", {{"hd720", "1280"}, "WIDTHxHEIGHT, such as 1280x720, each 2 to 16384"}},
      {"VIDEO_INPUT_FORMAT",
       {{"MJPEG", "a-b", "a:b"},
        "the name of a format in a-z, 0-9 and _, such as mjpeg, h264 or yuyv422"}},
      {"LOG_LEVEL", {{"trace", "3"}, "error, warn, info or debug"}},
      {"LOG_FORMAT", {{"xml"}, "text or json"}},
      {"MAX_CONNECTIONS_PER_ADDRESS", {{"-1", "1000001", "x"}, "a whole number from 0 to 1000000"}},
      {"MAX_REQUESTS_PER_SECOND", {{"-1", "1.5"}, "a whole number from 0 to 1000000"}},
      {"TRUSTED_PROXIES",
       {{"proxy", "10.0.0.0/33", "10.0.0.1,,10.0.0.2", "*"},
        "addresses or networks such as 10.0.0.0/8 with commas between them, or none"}},
      {"CORS_ORIGIN",
       {{"example.org", "https://", "https://a.example/", "https://a.example:0", "*,*", "null",
         "https://*.example", "ws://a.example", "http://[::1%25eth0]", "http://[h]"},
        "*, origins such as https://example.org with commas between them, or none; an origin is "
        "http:// or https://, a host and perhaps a port, without a path or a wildcard"}},
      {"SOURCE_TIMEOUT",
       {{"0", "0.999", "3600.1", "-1", "5s", "never"},
        "a number of seconds from 1 to 3600, or auto"}},
      {"ON_DEMAND", {{"2", "maybe"}, "1, true, yes or on, else 0, false, no or off"}},
      {"LINGER", {{"-1", "3600.1", "10s", "auto"}, "a number of seconds from 0 to 3600"}},
      {"RTSP_TRANSPORT", {{"tls", "tcp,udp"}, "auto, tcp, udp, multicast or http"}},
      {"VIDEO_TRACK",
       {{"1st", "-1", "1000", "0:v:0"},
        "a number from 0 to 999, or a language such as eng, de or pt-BR"}},
      {"AUDIO_TRACK",
       {{"e", "eng,deu", "1.5"}, "a number from 0 to 999, or a language such as eng, de or pt-BR"}},
      {"VIDEO_VARIANT",
       {{"best", "720", "1p", "2G"},
        "auto, highest, lowest, a height such as 720p, a size such as 1280x720, or a bitrate not "
        "to "
        "exceed, from 10k to 1000M, such as 2M"}},
      {"AUDIO", {{"mute", "2"}, "auto, 1, true, yes or on, else 0, false, no or off"}},
      {"SOURCE_ADDRESSES", {{"private", "*"}, "safe or any"}},
      {"FAIR_CLIENTS_PER_ADDRESS", {{"-1", "1000001", "all"}, "a whole number from 0 to 1000000"}},
      {"STATS_VIEWERS",
       {{"everybody", "10.0.0.0/33", "::1,", "*"},
        "addresses or networks such as 10.0.0.0/8 with commas between them, or none"}},
      {"DELIVERY_INTERVAL_MS",
       {{"-1", "1001", "10ms"}, "a whole number of milliseconds from 0 to 1000"}},
      {"WORKERS",
       {{"-1", "257", "auto"}, "a whole number from 0 to 256 (0 means one per processor core)"}},
  };
  for (const Setting& setting : settings()) {
    const std::string key(setting.key);
    const auto row = table.find(key);
    if (row == table.end()) {
      EXPECT_EQ(setting.allowed, "one line of text") << key;
      EXPECT_EQ(error({setting.flag(), "a\nb"}),
                setting.flag() + "=\"a\\nb\": must be one line of text");
      continue;
    }
    for (const std::string& value : row->second.first) {
      const std::string end = "=\"" + value + "\": must be " + row->second.second;
      EXPECT_EQ(error({}, {{key, value}}), key + end);
      EXPECT_EQ(error({setting.flag() + "=" + value}), setting.flag() + end);
    }
  }
}

TEST_F(ConfigErrors, NeverShowsACredential) {
  const std::string source = "rtsp://admin:hunter2@cam/1?token=hunter2";
  EXPECT_THAT(check({source}), HasSubstr("VIDEO_FILE=rtsp://***@cam/1?token=***"));
  std::vector<std::string> texts = {
      check({source}),          error({source + "\n"}), error({source, source}),
      error({"--x=" + source}), error({"-" + source}),  error({source, "--video-file", source})};
  for (const Setting& setting : settings()) {
    texts.push_back(error({setting.flag(), source + "\n"}));
    texts.push_back(error({setting.flag() + "=" + source, source, "--port=x"}));
    texts.push_back(check({setting.flag() + "=" + source}));
    // Cut to fit a line: in the middle of the credential.
    texts.push_back(error({setting.flag(), std::string(190, 'x') + " rtsp://admin:hunter2" +
                                               std::string(100, 'x') + "@h\n"}));
  }
  for (const std::string& text : texts) EXPECT_THAT(text, Not(HasSubstr("hunter")));
}

TEST_F(ConfigErrors, KeepsErrorsToOneShortLine) {
  std::string hostile;
  for (int i = 0; i < 2000; ++i) hostile.push_back(static_cast<char>(1 + i % 255));
  for (const Setting& setting : settings()) {
    const std::string message = error({setting.flag() + "=" + hostile});
    EXPECT_THAT(message, StartsWith(setting.flag()));
    EXPECT_LT(message.size(), 500U);
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "\xc3\xa4";
  EXPECT_THAT(error({"--port", umlauts}), HasSubstr("\xc3\xa4...\": must be"));
}

TEST_F(ConfigErrors, SurvivesEveryTruncationOfAnEnvFile) {
  const std::string text =
      "export VIDEO_FILE='rtsp://u:hunter2@h/1' # c\r\nPORT=\"80\"\nVIDEO_FPS=30000/1001\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    write_env_file(text.substr(0, size));
    const auto invocation = load({});
    if (!invocation) {
      EXPECT_THAT(invocation.error().message, StartsWith(".env line "));
      EXPECT_THAT(invocation.error().message, Not(HasSubstr("hunter")));
    }
  }
}

}  // namespace
}  // namespace livestream
