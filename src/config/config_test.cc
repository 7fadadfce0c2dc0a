#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config_fixture.h"
#include "config/invocation.h"
#include "config/settings.h"

namespace livestream {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(ConfigTest, HasTheDefaultsOfTheDocumentation) {
  const Values defaults = config({});
  EXPECT_EQ(defaults.stream.source.video_file, "video.mp4");
  EXPECT_TRUE(defaults.stream.source.video_file_is_default);
  EXPECT_EQ(defaults.stream.encoding.video_fps, (FrameRate{30, 1}));
  EXPECT_FALSE(defaults.stream.encoding.video_quality);
  EXPECT_EQ(defaults.stream.encoding.video_crf, 23);
  EXPECT_FALSE(defaults.stream.encoding.video_resolution);
  EXPECT_EQ(defaults.stream.encoding.audio_codec, AudioCodec::kAuto);
  EXPECT_FALSE(defaults.stream.encoding.audio_bitrate_bps);
  EXPECT_FALSE(defaults.stream.source.growing_file);
  EXPECT_EQ(defaults.server.host, "0.0.0.0");
  EXPECT_EQ(defaults.server.port, 8000);
  EXPECT_EQ(defaults.server.max_clients, 100U);
  EXPECT_EQ(defaults.stream.encoding.video_preset, "ultrafast");
  EXPECT_EQ(defaults.stream.encoding.video_profile, "baseline");
  EXPECT_FALSE(defaults.stream.encoding.video_maxrate_bps);
  EXPECT_EQ(defaults.stream.encoding.video_codec, "libx264");
  EXPECT_EQ(defaults.stream.source.audio_device, "");
  EXPECT_FALSE(defaults.stream.source.video_input_size);
  EXPECT_EQ(defaults.stream.source.video_input_format, "");
  EXPECT_EQ(defaults.stream.source.ffmpeg, "ffmpeg");
  EXPECT_EQ(defaults.stream.source.ffmpeg_memory_mb, 0U);
  EXPECT_TRUE(defaults.stream.source.slate);
  EXPECT_FALSE(defaults.stream.source.source_timeout);
  EXPECT_EQ(defaults.stream.source.rtsp_transport, RtspTransport::kAuto);
  EXPECT_FALSE(defaults.stream.source.video_track);
  EXPECT_FALSE(defaults.stream.source.audio_track);
  EXPECT_EQ(defaults.stream.source.video_variant, VideoVariant{});
  EXPECT_TRUE(defaults.stream.source.audio);
  EXPECT_EQ(defaults.stream.source.source_addresses, SourceAddresses::kSafe);
  EXPECT_EQ(defaults.server.fair_clients_per_address, 8U);
  EXPECT_EQ(defaults.server.trusted_proxies.size(), 2U);
  EXPECT_EQ(defaults.server.stats_viewers.size(), 8U);
  EXPECT_EQ(defaults.server.log_level, LogLevel::kInfo);
  EXPECT_EQ(defaults.server.log_format, LogFormat::kText);
  EXPECT_FALSE(defaults.stream.on_demand);
  EXPECT_EQ(defaults.stream.linger, std::chrono::seconds(10));
  EXPECT_TRUE(defaults.stream.enabled);
  EXPECT_FALSE(defaults.server.delivery_interval);
  EXPECT_EQ(defaults.server.workers, 0U);
  EXPECT_EQ(defaults.server.web_root, "");
  EXPECT_THAT(defaults.notices, IsEmpty());
}

TEST_F(ConfigTest, PrintsTheDefaultsOfTheDocumentation) {
  const std::map<std::string_view, std::string> table = {
      {"VIDEO_FILE", "video.mp4"},
      {"VIDEO_FPS", "30"},
      {"VIDEO_QUALITY", ""},
      {"VIDEO_CRF", "23"},
      {"VIDEO_RESOLUTION", ""},
      {"AUDIO_CODEC", "auto"},
      {"AUDIO_BITRATE", ""},
      {"GROWING_FILE", "false"},
      {"HOST", "0.0.0.0"},
      {"PORT", "8000"},
      {"MAX_CLIENTS", "100"},
      {"VIDEO_PRESET", "ultrafast"},
      {"VIDEO_PROFILE", "baseline"},
      {"VIDEO_MAXRATE", ""},
      {"VIDEO_CODEC", "libx264"},
      {"AUDIO_DEVICE", ""},
      {"VIDEO_INPUT_SIZE", ""},
      {"VIDEO_INPUT_FORMAT", ""},
      {"FFMPEG", "ffmpeg"},
      {"FFMPEG_MEMORY_MB", "0"},
      {"SLATE", "true"},
      {"LOG_LEVEL", "info"},
      {"LOG_FORMAT", "text"},
      {"MAX_CONNECTIONS_PER_ADDRESS", "1000"},
      {"MAX_REQUESTS_PER_SECOND", "200"},
      {"TRUSTED_PROXIES", "127.0.0.0/8,::1"},
      {"CORS_ORIGIN", "*"},
      {"SOURCE_TIMEOUT", "auto"},
      {"RTSP_TRANSPORT", "auto"},
      {"VIDEO_TRACK", ""},
      {"AUDIO_TRACK", ""},
      {"VIDEO_VARIANT", "auto"},
      {"AUDIO", "auto"},
      {"SOURCE_ADDRESSES", "safe"},
      {"FAIR_CLIENTS_PER_ADDRESS", "8"},
      {"STATS_VIEWERS",
       "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10"},
      {"DELIVERY_INTERVAL_MS", ""},
      {"WORKERS", "0"},
      {"TITLE", "Live"},
      {"ON_DEMAND", "false"},
      {"LINGER", "10"},
      {"WEB_ROOT", ""}};
  EXPECT_EQ(settings().size(), table.size());
  for (const Setting& setting : settings()) {
    ASSERT_EQ(table.count(setting.key), 1U) << setting.key;
    EXPECT_EQ(setting.print(Values{}), table.at(setting.key)) << setting.key;
    EXPECT_EQ(setting.flag_only, setting.key == "WEB_ROOT");
  }
  EXPECT_EQ(setting_keys().size(), table.size() - 1);
}

// For each setting a value other than its default, and the same value as printed.
struct Sample {
  std::string value;
  std::string printed;
};
const std::map<std::string, Sample>& samples() {
  static const std::map<std::string, Sample> table = {
      {"VIDEO_FILE", {"my clip.mkv", "my clip.mkv"}},
      {"GROWING_FILE", {"1", "true"}},
      {"VIDEO_FPS", {"29.97", "30000/1001"}},
      {"VIDEO_QUALITY", {"0.75", "0.75"}},
      {"VIDEO_CRF", {"28", "28"}},
      {"VIDEO_RESOLUTION", {"1280x720", "1280x720"}},
      {"VIDEO_MAXRATE", {"4000k", "4M"}},
      {"VIDEO_CODEC", {"h264_vaapi", "h264_vaapi"}},
      {"VIDEO_PRESET", {"slow", "slow"}},
      {"VIDEO_PROFILE", {"high", "high"}},
      {"AUDIO_CODEC", {"AAC", "aac"}},
      {"AUDIO_BITRATE", {"96000", "96k"}},
      {"AUDIO_DEVICE", {"hw:1,0", "hw:1,0"}},
      {"VIDEO_INPUT_SIZE", {"641x481", "641x481"}},
      {"VIDEO_INPUT_FORMAT", {"mjpeg", "mjpeg"}},
      {"FFMPEG", {"/opt/ffmpeg", "/opt/ffmpeg"}},
      {"FFMPEG_MEMORY_MB", {"2000", "2000"}},
      {"SLATE", {"0", "false"}},
      {"SOURCE_TIMEOUT", {"12.50", "12.5"}},
      {"RTSP_TRANSPORT", {"Multicast", "multicast"}},
      {"VIDEO_TRACK", {"2", "2"}},
      {"AUDIO_TRACK", {"pt-BR", "pt-br"}},
      {"VIDEO_VARIANT", {"720P", "720p"}},
      {"AUDIO", {"no", "off"}},
      {"SOURCE_ADDRESSES", {"any", "any"}},
      {"FAIR_CLIENTS_PER_ADDRESS", {"0", "0"}},
      {"STATS_VIEWERS", {"none", "none"}},
      {"HOST", {"[::1]", "::1"}},
      {"PORT", {"0", "0"}},
      {"MAX_CLIENTS", {"1000000", "1000000"}},
      {"MAX_CONNECTIONS_PER_ADDRESS", {"0", "0"}},
      {"MAX_REQUESTS_PER_SECOND", {"5", "5"}},
      {"TRUSTED_PROXIES", {"10.0.0.0/8, fd00::1", "10.0.0.0/8,fd00::1"}},
      {"CORS_ORIGIN", {"https://a.example, http://b:8080", "https://a.example,http://b:8080"}},
      {"DELIVERY_INTERVAL_MS", {"50", "50"}},
      {"WORKERS", {"256", "256"}},
      {"LOG_LEVEL", {"DEBUG", "debug"}},
      {"LOG_FORMAT", {"json", "json"}},
      {"TITLE", {"Bird house & garden", "Bird house & garden"}},
      {"ON_DEMAND", {"yes", "true"}},
      {"LINGER", {"2.50", "2.5"}},
      {"WEB_ROOT", {"web", "web"}}};
  return table;
}

TEST_F(ConfigTest, TakesEachSettingFromEachPlace) {
  for (const Setting& setting : settings()) {
    const std::string key(setting.key);
    ASSERT_EQ(samples().count(key), 1U) << key;
    const auto& [value, printed] = samples().at(key);
    EXPECT_EQ(setting.print(config({setting.flag(), value})), printed) << key;
    EXPECT_EQ(setting.print(config({setting.flag() + "=" + value})), printed) << key;
    if (setting.flag_only) continue;
    EXPECT_EQ(setting.print(config({}, {{key, value}})), printed) << key;
    write_env_file(key + "=" + value + "\n");
    EXPECT_EQ(setting.print(config({})), printed) << key;
    write_env_file("");
  }
}

TEST_F(ConfigTest, NamesFlagsAfterTheVariables) {
  std::vector<std::string> flags;
  for (const Setting& setting : settings()) flags.push_back(setting.flag());
  EXPECT_THAT(flags, testing::IsSupersetOf({"--video-file", "--video-fps", "--growing-file",
                                            "--delivery-interval-ms", "--web-root", "--port"}));
}

TEST_F(ConfigTest, PrefersFlagsToTheEnvironmentToTheFileToTheDefaults) {
  EXPECT_EQ(config({}).server.port, 8000);
  write_env_file("PORT=1\nPORT=2\n");
  EXPECT_EQ(config({}).server.port, 2);
  EXPECT_EQ(config({}, {{"PORT", "3"}}).server.port, 3);
  EXPECT_EQ(config({"--port", "4"}, {{"PORT", "3"}}).server.port, 4);
  EXPECT_EQ(config({"--port", "4", "--port=5"}, {{"PORT", "3"}}).server.port, 5);
}

TEST_F(ConfigTest, TakesAnEmptyValueForNone) {
  write_env_file("PORT=2\n");
  EXPECT_EQ(config({"--port="}, {{"PORT", ""}}).server.port, 2);
  EXPECT_EQ(config({"--port", ""}, {{"PORT", "3"}}).server.port, 3);
  write_env_file("PORT=2\nPORT=\n");
  EXPECT_EQ(config({}).server.port, 8000);
  EXPECT_TRUE(config({}, {{"VIDEO_FILE", ""}}).stream.source.video_file_is_default);
  // The empty value of one flag does not swallow what follows.
  EXPECT_EQ(config({"--video-quality=", "clip.mp4"}).stream.source.video_file, "clip.mp4");
}

TEST_F(ConfigTest, TakesTheSourceByItself) {
  EXPECT_EQ(config({"clip.mp4"}).stream.source.video_file, "clip.mp4");
  EXPECT_FALSE(config({"clip.mp4"}).stream.source.video_file_is_default);
  EXPECT_EQ(config({"--port", "1", "clip.mp4", "--check"}).stream.source.video_file, "clip.mp4");
  EXPECT_EQ(config({"clip.mp4"}, {{"VIDEO_FILE", "other.mp4"}}).stream.source.video_file,
            "clip.mp4");
  EXPECT_EQ(config({"--", "-clip.mp4"}).stream.source.video_file, "-clip.mp4");
  EXPECT_EQ(config({"[1].mp4"}).stream.source.video_file, "[1].mp4");
  EXPECT_EQ(config({"avfoundation:0:0"}).stream.source.video_file, "avfoundation:0:0");
  EXPECT_EQ(config({"video=Integrated Camera"}).stream.source.video_file,
            "video=Integrated Camera");
}

TEST_F(ConfigTest, TakesSourcesThatLookLikeFlags) {
  EXPECT_EQ(config({"--video-file", "-y.mp4"}).stream.source.video_file, "-y.mp4");
  EXPECT_EQ(config({"--video-file", "--check"}).stream.source.video_file, "--check");
  EXPECT_EQ(config({"--video-file=-"}).stream.source.video_file, "-");
  EXPECT_EQ(config({}, {{"VIDEO_FILE", "-i"}}).stream.source.video_file, "-i");
  EXPECT_EQ(config({"--video-file=a=b.mp4"}).stream.source.video_file, "a=b.mp4");
  EXPECT_EQ(config({"--video-file", "[a,b]"}).stream.source.video_file, "[a,b]");
}

TEST_F(ConfigTest, TakesSomeSwitchesWithAndWithoutAWord) {
  EXPECT_TRUE(config({"--growing-file"}).stream.source.growing_file);
  EXPECT_TRUE(config({"--growing-file", "--port", "1"}).stream.source.growing_file);
  EXPECT_TRUE(config({"--growing-file", "clip.mkv"}).stream.source.growing_file);
  EXPECT_EQ(config({"--growing-file", "clip.mkv"}).stream.source.video_file, "clip.mkv");
  EXPECT_EQ(config({"--growing-file", "yes", "clip.mkv"}).stream.source.video_file, "clip.mkv");
  EXPECT_FALSE(config({"--growing-file", "off", "clip.mkv"}).stream.source.growing_file);
  EXPECT_FALSE(config({"--growing-file=0"}).stream.source.growing_file);
  EXPECT_TRUE(config({"--on-demand", "clip.mkv"}).stream.on_demand);
  EXPECT_EQ(config({"--on-demand", "clip.mkv"}).stream.source.video_file, "clip.mkv");
  EXPECT_EQ(error({"--growing-file=clip.mkv"}),
            "--growing-file=\"clip.mkv\": must be 1, true, yes or on, else 0, false, no or off");
}

TEST_F(ConfigTest, IgnoresWhatItDoesNotKnowInTheEnvironmentAndTheFile) {
  write_env_file("RELOAD=maybe\nSERVER_PORT=x\nWEB_ROOT=elsewhere\nPORT=9\n");
  const Values loaded = config({}, {{"RELOAD", "false"}, {"SERVER_HOST", "?"}, {"port", "x"}});
  EXPECT_EQ(loaded.server.port, 9);
  EXPECT_EQ(loaded.server.web_root, "");
  EXPECT_THAT(loaded.notices, IsEmpty());
}

// A folder that came from elsewhere (an archive, a shared disk) must not choose a program to run.
TEST_F(ConfigTest, RunsOnlyWhatAFileOfTheUserNames) {
  const auto file = [&](std::filesystem::perms perms) {
    write_env_file("PORT=9\nFFMPEG=./evil\n");
    std::filesystem::permissions(directory_ + "/.env", perms);
    return config({});
  };
  using std::filesystem::perms;
  const perms user = perms::owner_read | perms::owner_write;
  EXPECT_EQ(file(user).stream.source.ffmpeg, "./evil");
  EXPECT_THAT(file(user | perms::group_read | perms::others_read).notices, IsEmpty());
  for (const perms more : {perms::group_write, perms::others_write}) {
    const Values loaded = file(user | more);
    EXPECT_EQ(loaded.stream.source.ffmpeg, "ffmpeg");
    EXPECT_EQ(loaded.server.port, 9);
    EXPECT_THAT(
        loaded.notices,
        ElementsAre(".env line 2: FFMPEG is ignored, because it chooses a program to run and "
                    "other users may write to .env: close it to them (chmod go-w .env), or "
                    "give --ffmpeg"));
    EXPECT_EQ(config({"--ffmpeg=mine"}).stream.source.ffmpeg, "mine");
    EXPECT_EQ(config({}, {{"FFMPEG", "mine"}}).stream.source.ffmpeg, "mine");
    EXPECT_THAT(check({}), HasSubstr("# .env line 2: FFMPEG is ignored"));
  }
  write_env_file("PORT=9\n");
  std::filesystem::permissions(directory_ + "/.env", user | perms::others_write);
  EXPECT_THAT(config({}).notices, IsEmpty());
}

TEST_F(ConfigTest, NamesTheSettingThatAKeyOfTheFileProbablyMeans) {
  write_env_file("VIDEO_FSP=25\nvideo_crf=20\nPORTS=9\nOTHER_KEY=a\n");
  EXPECT_THAT(config({}).notices,
              ElementsAre(".env line 1: VIDEO_FSP is not a setting: did you mean VIDEO_FPS?",
                          ".env line 2: video_crf is not a setting: did you mean VIDEO_CRF?",
                          ".env line 3: PORTS is not a setting: did you mean PORT?"));
  EXPECT_THAT(check({}), HasSubstr("# .env line 1: VIDEO_FSP is not a setting"));
}

TEST_F(ConfigTest, TakesAFolderNamedEnvForAPythonEnvironment) {
  std::filesystem::create_directory(directory_ + "/.env");
  EXPECT_EQ(config({}).server.port, 8000);
}

TEST_F(ConfigTest, TakesTheEndsOfEachRange) {
  for (const char* argument : {"--video-fps=1",
                               "--video-fps=240",
                               "--video-quality=0",
                               "--video-quality=1",
                               "--video-quality=.5",
                               "--video-quality=0.3333333333333333",
                               "--video-crf=51",
                               "--video-resolution=2x2",
                               "--video-resolution=16384x16384",
                               "--audio-bitrate=8k",
                               "--audio-bitrate=512k",
                               "--video-maxrate=50k",
                               "--video-maxrate=1000M",
                               "--port=0",
                               "--port=65535",
                               "--max-clients=1",
                               "--max-clients=1000000",
                               "--source-timeout=1",
                               "--source-timeout=3600",
                               "--source-timeout=AUTO",
                               "--video-track=0",
                               "--audio-track=999",
                               "--video-variant=10k",
                               "--video-variant=1000M",
                               "--fair-clients-per-address=1000000",
                               "--delivery-interval-ms=0",
                               "--delivery-interval-ms=1000",
                               "--workers=0",
                               "--workers=256",
                               "--video-preset=placebo",
                               "--video-profile=main",
                               "--video-codec=copy",
                               "--log-level=error",
                               "--host=::"}) {
    EXPECT_EQ(error({argument}), "no error") << argument;
  }
  EXPECT_EQ(config({"--delivery-interval-ms=0"}).server.delivery_interval,
            std::chrono::milliseconds(0));
}

TEST_F(ConfigTest, TakesTheSourcesOwnSettings) {
  EXPECT_EQ(config({"--source-timeout=2.5"}).stream.source.source_timeout,
            std::chrono::milliseconds(2500));
  write_env_file("SOURCE_TIMEOUT=9\n");
  EXPECT_FALSE(config({"--source-timeout=auto"}).stream.source.source_timeout);
  EXPECT_EQ(config({"--rtsp-transport=udp"}).stream.source.rtsp_transport, RtspTransport::kUdp);
  EXPECT_EQ(config({"--rtsp-transport=http"}).stream.source.rtsp_transport, RtspTransport::kHttp);
  EXPECT_EQ(config({"--video-track=1"}).stream.source.video_track, (TrackWish{1, ""}));
  EXPECT_EQ(config({"--audio-track=ENG"}).stream.source.audio_track,
            (TrackWish{std::nullopt, "eng"}));
  for (const char* on : {"auto", "AUTO", "on", "true", "1", "yes"})
    EXPECT_TRUE(config({"--audio", on}, {{"AUDIO", "off"}}).stream.source.audio) << on;
  for (const char* off : {"off", "OFF", "false", "0", "no"})
    EXPECT_FALSE(config({"--audio", off}).stream.source.audio) << off;
}

TEST_F(ConfigTest, KnowsWhoMaySeeTheViewers) {
  const auto sees = [](const Values& loaded, std::string_view address) {
    return contains(loaded.server.stats_viewers, parse_ip_address(address).value());
  };
  const Values defaults = config({});
  for (const char* inside : {"127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.9",
                             "169.254.1.1", "fd00::1", "fe80::1%eth0"})
    EXPECT_TRUE(sees(defaults, inside)) << inside;
  for (const char* outside : {"8.8.8.8", "172.32.0.1", "2001:db8::1", "::2", "169.255.0.1"})
    EXPECT_FALSE(sees(defaults, outside)) << outside;
  EXPECT_FALSE(sees(config({"--stats-viewers=none"}), "127.0.0.1"));
  EXPECT_TRUE(sees(config({"--stats-viewers=203.0.113.0/24"}), "203.0.113.9"));
}

TEST_F(ConfigTest, HoldsPresetAndProfileToTheWordsOfTheCodecWhateverTheOrder) {
  EXPECT_EQ(config({"--video-preset=p4", "--video-codec=h264_nvenc"}).stream.encoding.video_preset,
            "p4");
  EXPECT_EQ(config({"--video-profile=constrained_baseline", "--video-codec=h264_vaapi"})
                .stream.encoding.video_profile,
            "constrained_baseline");
  EXPECT_THAT(error({"--video-preset=p4,x", "--video-codec=h264_nvenc"}),
              StartsWith("--video-preset=\"p4,x\""));
  EXPECT_THAT(error({"--video-preset=p4", "--video-codec=libx264"}),
              StartsWith("--video-preset=\"p4\""));
}

TEST_F(ConfigTest, RaisesCrfZeroAndSaysWhy) {
  const Values loaded = config({"--video-crf=0"});
  EXPECT_EQ(loaded.stream.encoding.video_crf, 1);
  EXPECT_THAT(loaded.notices,
              ElementsAre("VIDEO_CRF=0 became 1: 0 means lossless, which exists in no profile that "
                          "browsers decode"));
}

TEST_F(ConfigTest, RoundsOddResolutionsDownAndSaysSo) {
  const Values loaded = config({"--video-resolution=853x479"});
  EXPECT_EQ(loaded.stream.encoding.video_resolution, (VideoSize{852, 478}));
  EXPECT_THAT(loaded.notices, ElementsAre(StartsWith("VIDEO_RESOLUTION=853x479 became 852x478")));
  EXPECT_EQ(config({"--video-resolution=3x3"}).stream.encoding.video_resolution, (VideoSize{2, 2}));
  EXPECT_THAT(config({"--video-resolution=1280x720"}).notices, IsEmpty());
}

TEST_F(ConfigTest, SaysWhatQualityOverrides) {
  EXPECT_THAT(config({"--video-quality=0.5"}).notices, IsEmpty());
  EXPECT_THAT(
      config({"--video-crf=0", "--video-resolution=853x479", "--video-quality=0.5"}).notices,
      ElementsAre("VIDEO_CRF is ignored: VIDEO_QUALITY is set",
                  "VIDEO_RESOLUTION is ignored: VIDEO_QUALITY is set"));
}

TEST_F(ConfigTest, SaysWhatCopyingOverrides) {
  EXPECT_THAT(config({"--video-codec=copy"}).notices, IsEmpty());
  EXPECT_THAT(
      config({"--video-codec=copy", "--video-fps=25", "--video-quality=1"}).notices,
      ElementsAre(
          "VIDEO_FPS is ignored: VIDEO_CODEC=copy passes the picture through as it is",
          "VIDEO_QUALITY is ignored: VIDEO_CODEC=copy passes the picture through as it is"));
}

TEST_F(ConfigTest, ChecksWithTheOriginOfEachValue) {
  write_env_file("\nHOST=::1\n");
  const std::string output =
      check({"--port", "1"}, {{"VIDEO_QUALITY", "0.5"}, {"VIDEO_CRF", "20"}});
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = output.find('\n', at);
    std::string line = output.substr(at, end - at);
    if (const auto blanks = line.find("  "); blanks != std::string::npos) {
      line.erase(blanks, line.find_first_not_of(' ', blanks) - blanks - 1);
    }
    lines.push_back(line);
    at = end + 1;
  }
  EXPECT_THAT(lines,
              testing::IsSupersetOf({"PORT=1 # flag", "HOST=::1 # .env line 2",
                                     "VIDEO_QUALITY=0.5 # environment", "VIDEO_FPS=30 # default",
                                     "VIDEO_MAXRATE= # default: no cap",
                                     "# VIDEO_CRF is ignored: VIDEO_QUALITY is set"}));
  EXPECT_EQ(lines.size(), settings().size() + 1);
}

TEST_F(ConfigTest, ChecksInTheFormOfAnEnvFile) {
  Environment environment;
  for (const auto& [key, sample] : samples()) {
    if (key != "WEB_ROOT") environment[key] = sample.value;
  }
  for (const char* file : {"my clip.mkv", "it's # \"1\" \\.mkv", "a#b", "c:\\d.mp4", " e", "'"}) {
    environment["VIDEO_FILE"] = file;
    const Values before = config({}, environment);
    const std::string output = check({}, environment);
    write_env_file(output);
    const Values after = config({});
    for (const Setting& setting : settings()) {
      EXPECT_EQ(setting.print(after), setting.print(before)) << setting.key;
    }
    write_env_file("");
  }
}

TEST_F(ConfigTest, PrintsHelpAndVersionWhateverElseIsWrong) {
  write_env_file("broken");
  for (const char* flag : {"--help", "-h"}) {
    const auto invocation = load({flag, "--port", "x", "--nonsense"});
    ASSERT_TRUE(invocation);
    EXPECT_EQ(invocation->action, Action::kPrintAndExit);
    for (const std::string& key : setting_keys()) {
      EXPECT_THAT(invocation->output, HasSubstr("[" + key + "]"));
    }
    for (const Setting& setting : settings()) {
      EXPECT_THAT(invocation->output, HasSubstr("  " + setting.flag() + " "));
    }
  }
  for (const char* flag : {"--version", "-v"}) {
    const auto invocation = load({flag});
    ASSERT_TRUE(invocation);
    EXPECT_EQ(invocation->action, Action::kPrintAndExit);
    EXPECT_THAT(invocation->output,
                testing::MatchesRegex("livestream-server [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  }
}

}  // namespace
}  // namespace livestream
