#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config_fixture.h"

// livestream.yml and streams.d, as they become a configuration.

namespace livestream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConfigFileTest : public ConfigTest {
 protected:
  [[nodiscard]] Config whole(const std::vector<std::string>& arguments = {},
                             const Environment& environment = {}) const {
    const auto invocation = load(arguments, environment);
    if (!invocation) {
      ADD_FAILURE() << invocation.error().message;
      return {};
    }
    return invocation->config;
  }
  [[nodiscard]] std::vector<std::string> names(const std::vector<std::string>& arguments = {},
                                               const Environment& environment = {}) const {
    std::vector<std::string> out;
    for (const StreamSettings& stream : whole(arguments, environment).streams)
      out.push_back(stream.name);
    return out;
  }
  [[nodiscard]] std::string error_of(std::string_view text) const {
    write_file("livestream.yml", text);
    return error({});
  }
  // By the text of the file.
  void expect_errors(const std::map<std::string, std::string>& table) const {
    for (const auto& [text, message] : table) EXPECT_EQ(error_of(text), message) << text;
  }
};

TEST_F(ConfigFileTest, TakesStreamsInTheShortAndTheLongForm) {
  write_file("livestream.yml",
             "port: 9000\n"
             "trusted_proxies: [10.0.0.1, 10.1.0.0/16]\n"
             "defaults:\n"
             "  video_crf: 30\n"
             "  audio: off\n"
             "streams:\n"
             "  front: rtsp://camera/1\n"
             "  back_door:\n"
             "    source: clip.mp4\n"
             "    title: Back door\n"
             "    video_crf: 20\n"
             "    on_demand: true\n"
             "    linger: 2.5\n"
             "  3:\n"
             "    video_file: demo\n"
             "    enabled: no\n");
  const Config config = whole();
  EXPECT_EQ(config.server.port, 9000);
  EXPECT_EQ(config.server.trusted_proxies.size(), 2U);
  ASSERT_EQ(config.streams.size(), 3U);
  const StreamSettings& front = config.streams[0];
  EXPECT_EQ(front.name, "front");
  EXPECT_EQ(front.title, "front");
  EXPECT_EQ(front.source.video_file, "rtsp://camera/1");
  EXPECT_FALSE(front.source.video_file_is_default);
  EXPECT_FALSE(front.source.audio);
  EXPECT_EQ(front.encoding.video_crf, 30);
  EXPECT_FALSE(front.on_demand);
  EXPECT_TRUE(front.enabled);
  const StreamSettings& back = config.streams[1];
  EXPECT_EQ(back.name, "back_door");
  EXPECT_EQ(back.title, "Back door");
  EXPECT_EQ(back.encoding.video_crf, 20);
  EXPECT_TRUE(back.on_demand);
  EXPECT_EQ(back.linger, std::chrono::milliseconds(2500));
  EXPECT_EQ(config.streams[2].name, "3");
  EXPECT_FALSE(config.streams[2].enabled);
  EXPECT_THAT(config.notices, IsEmpty());
}

TEST_F(ConfigFileTest, PrefersTheStreamToFlagsToTheEnvironmentToTheDefaults) {
  write_file("livestream.yml",
             "defaults: {video_crf: 20}\n"
             "streams:\n"
             "  a: demo\n"
             "  b: {source: demo, video_crf: 21}\n");
  const auto crf = [&](const std::vector<std::string>& arguments, const Environment& environment) {
    std::vector<int> values;
    for (const StreamSettings& stream : whole(arguments, environment).streams)
      values.push_back(stream.encoding.video_crf);
    return values;
  };
  EXPECT_THAT(crf({}, {}), ElementsAre(20, 21));
  write_env_file("VIDEO_CRF=22\n");
  EXPECT_THAT(crf({}, {}), ElementsAre(22, 21));
  EXPECT_THAT(crf({}, {{"VIDEO_CRF", "23"}}), ElementsAre(23, 21));
  EXPECT_THAT(crf({"--video-crf=24"}, {{"VIDEO_CRF", "23"}}), ElementsAre(24, 21));
}

TEST_F(ConfigFileTest, PrefersFlagsToTheEnvironmentToTheFileForTheServer) {
  write_file("livestream.yml", "port: 1\nstreams: {a: demo}\n");
  EXPECT_EQ(whole().server.port, 1);
  write_env_file("PORT=2\n");
  EXPECT_EQ(whole().server.port, 2);
  EXPECT_EQ(whole({}, {{"PORT", "3"}}).server.port, 3);
  EXPECT_EQ(whole({"--port=4"}, {{"PORT", "3"}}).server.port, 4);
}

TEST_F(ConfigFileTest, HasOneStreamWithoutAny) {
  for (const char* text : {"", "# nothing\n", "port: 9000\n", "streams:\n", "streams: {}\n"}) {
    write_file("livestream.yml", text);
    const Config config = whole({}, {{"VIDEO_FILE", "clip.mp4"}});
    ASSERT_EQ(config.streams.size(), 1U);
    EXPECT_EQ(config.streams[0].name, "default");
    EXPECT_EQ(config.streams[0].title, "Live");
    EXPECT_EQ(config.streams[0].source.video_file, "clip.mp4");
  }
  EXPECT_TRUE(whole().streams[0].source.video_file_is_default);
  write_file("livestream.yml", "defaults: {video_crf: 20}\n");
  EXPECT_EQ(whole().streams[0].encoding.video_crf, 20);
}

TEST_F(ConfigFileTest, PrefersSourcesOfTheCommandLine) {
  write_file("livestream.yml", "streams:\n  a: x.mp4\n  b: y.mp4\n");
  EXPECT_THAT(names(), ElementsAre("a", "b"));
  EXPECT_THAT(names({"c.mp4"}), ElementsAre("default"));
  EXPECT_THAT(names({"--video-file=c.mp4"}), ElementsAre("default"));
  EXPECT_THAT(whole({"c.mp4"}).notices,
              ElementsAre("the streams of the file (livestream.yml line 2) are not served, because "
                          "the command line names a source"));
  const Config several = whole({"c.mp4", "--port=1", "rtsp://cam/1"});
  EXPECT_EQ(several.notices.size(), 1U);
  EXPECT_EQ(several.streams[1].name, "cam");
  EXPECT_EQ(several.streams[1].source.video_file, "rtsp://cam/1");
  EXPECT_THAT(
      whole({}, {{"VIDEO_FILE", "c.mp4"}}).notices,
      ElementsAre("VIDEO_FILE is ignored, because livestream.yml line 2 names the sources"));
  EXPECT_THAT(names({}, {{"VIDEO_FILE", "c.mp4"}}), ElementsAre("a", "b"));
}

TEST_F(ConfigFileTest, NamesSeveralSourcesAfterThem) {
  EXPECT_THAT(names({"a.mp4", "b/a.mp4", "rtsp://u:p@10.0.0.1:554/1", "/dev/video0"}),
              ElementsAre("a", "a-2", "10-0-0-1", "video0"));
  EXPECT_THAT(names({"a.mp4", "--", "-b.mp4"}), ElementsAre("a", "b"));
  EXPECT_THAT(names({"a.mp4"}), ElementsAre("default"));
  EXPECT_EQ(whole({"a.mp4", "b.mp4", "--video-crf=20"}).streams[1].encoding.video_crf, 20);
  EXPECT_EQ(whole({"a.mp4", "b.mp4"}).streams[1].title, "b");
  EXPECT_THAT(error({"a.mp4", "b.mp4", "--video-file=c"}),
              HasSubstr("by itself or with --video-file, not both"));
}

TEST_F(ConfigFileTest, TakesANamedFileAndTheFolderBesideIt) {
  write_file("livestream.yml", "port: 1\n");
  write_file("etc/cameras.yml", "port: 2\nstreams: {a: demo}\n");
  write_file("etc/streams.d/b.yml", "source: demo\n");
  for (const char* path : {"etc/cameras.yml", "./etc/cameras.yml"}) {
    EXPECT_EQ(whole({"--config", path}).server.port, 2);
    EXPECT_EQ(whole({std::string("--config=") + path}).server.port, 2);
  }
  EXPECT_EQ(whole({"--config", directory_ + "/etc/cameras.yml"}).server.port, 2);
  EXPECT_THAT(names({"--config", "etc/cameras.yml"}), ElementsAre("a", "b"));
  EXPECT_EQ(error({"--config", "none.yml"}), "there is no file none.yml");
  EXPECT_EQ(error({"--config", "etc"}), "there is no file etc");
  EXPECT_EQ(whole({"--config="}).server.port, 1);
  write_file("etc/streams.d/b.yml", "soruce: demo\n");
  EXPECT_EQ(error({"--config", "etc/cameras.yml"}),
            "etc/streams.d/b.yml line 1: soruce is not a setting: did you mean source?");
}

TEST_F(ConfigFileTest, TakesOneStreamFromEachFileOfTheFolder) {
  write_file("streams.d/yard.yml", "source: demo\nvideo_crf: 20\n");
  write_file("streams.d/barn.yml", "source: demo\n");
  write_file("streams.d/.hidden.yml", "broken: [\n");
  write_file("streams.d/notes.txt", "broken: [\n");
  EXPECT_THAT(names(), ElementsAre("barn", "yard"));
  write_file("livestream.yml", "streams: {zoo: demo}\n");
  EXPECT_THAT(names(), ElementsAre("zoo", "barn", "yard"));
  EXPECT_THAT(whole().notices, IsEmpty());
  write_file("streams.d/other.yaml", "");
  EXPECT_THAT(whole().notices,
              ElementsAre("streams.d/other.yaml is ignored: its name must end in .yml"));
  write_file("streams.d/zoo.yml", "source: demo\n");
  EXPECT_EQ(error({}), "streams.d/zoo.yml: livestream.yml line 1 has a stream of this name");
  std::filesystem::remove(directory_ + "/streams.d/zoo.yml");
  write_file("streams.d/stats.yml", "source: demo\n");
  EXPECT_THAT(error({}), HasSubstr("streams.d/stats.yml: stats cannot be the name of a stream"));
  write_file("streams.d/stats.yml", "");
  std::filesystem::remove(directory_ + "/streams.d/stats.yml");
  write_file("streams.d/empty.yml", "");
  EXPECT_EQ(error({}),
            "streams.d/empty.yml line 1: empty lacks its source, such as source: "
            "rtsp://camera/1");
  write_file("streams.d/empty.yml", "rtsp://camera/1\n");
  EXPECT_EQ(error({}),
            "streams.d/empty.yml line 1: the file: must hold keys, such as source:, not "
            "one value");
}

TEST_F(ConfigFileTest, NamesTheFilesToWatch) {
  write_file("streams.d/a.yml", "source: demo\n");
  EXPECT_THAT(whole().files, ElementsAre(directory_ + "/livestream.yml", directory_ + "/streams.d",
                                         directory_ + "/streams.d/a.yml", directory_ + "/.env"));
}

TEST_F(ConfigFileTest, LoadsAgainAsTheFilesAreThen) {
  const ConfigInputs inputs{{"--port=1"}, {{"CAM", "camera"}}, directory_};
  write_file("livestream.yml", "streams: {a: 'rtsp://${CAM}/1'}\n");
  EXPECT_EQ(load_again(inputs)->streams[0].source.video_file, "rtsp://camera/1");
  write_file("livestream.yml", "streams: {b: demo}\n");
  EXPECT_EQ(load_again(inputs)->streams[0].name, "b");
  EXPECT_EQ(load_again(inputs)->server.port, 1);
  write_file("livestream.yml", "streams: [b]\n");
  EXPECT_FALSE(load_again(inputs));
}

TEST_F(ConfigFileTest, NamesFileLineAndKeyOfAMistake) {
  expect_errors(
      {{"port: x\n",
        "livestream.yml line 1: port: must be a whole number from 0 to 65535 (0 picks a free "
        "port), "
        "not \"x\""},
       {"streams:\n  a:\n    source: demo\n    video_crf: 60\n",
        "livestream.yml line 4: video_crf: must be a whole number from 0 to 51, not \"60\""},
       {"defaults:\n  video_crf: 60\nstreams: {a: demo}\n",
        "livestream.yml line 2: video_crf: must be a whole number from 0 to 51, not \"60\""},
       {"prot: 1\n", "livestream.yml line 1: prot is not a setting: did you mean port?"},
       {"PORT: 1\n", "livestream.yml line 1: PORT is not a setting: did you mean port?"},
       {"stream:\n  a: demo\n",
        "livestream.yml line 1: stream is not a setting: did you mean streams?"},
       {"something: 1\n", "livestream.yml line 1: something is not a setting"},
       {"kitchen: {}\n", "livestream.yml line 1: kitchen is not a setting"},
       {"web_root: web\n",
        "livestream.yml line 1: web_root can only be given as the flag --web-root"},
       {"video_crf: 20\n",
        "livestream.yml line 1: video_crf is a setting of streams: put it below defaults: or below "
        "a "
        "stream"},
       {"streams: {a: {source: demo, port: 1}}\n",
        "livestream.yml line 1: port is a setting of the server: put it into livestream.yml, "
        "without "
        "blanks in front"}});
}

TEST_F(ConfigFileTest, NamesWhatIsWrongWithStreams) {
  expect_errors(
      {{"source: demo\n",
        "livestream.yml line 1: source belongs to a stream: streams: NAME: source:"},
       {"defaults: {video_file: demo}\n",
        "livestream.yml line 1: video_file belongs to a stream: streams: NAME: video_file:"},
       {"streams: {a: {source: demo, video-crf: 20}}\n",
        "livestream.yml line 1: video-crf is not a setting: did you mean video_crf?"},
       {"streams: {a: {source: demo, video_file: demo}}\n",
        "livestream.yml line 1: source and video_file mean the same: one is enough"},
       {"streams: {a: {title: x}}\n",
        "livestream.yml line 1: a lacks its source, such as source: rtsp://camera/1"},
       {"streams:\n  a:\n",
        "livestream.yml line 2: a lacks its source, such as source: rtsp://camera/1"},
       {"streams:\n  - demo\n",
        "livestream.yml line 2: streams: must hold names of streams, each with its source, not a "
        "list"},
       {"streams: demo\n",
        "livestream.yml line 1: streams: must hold names of streams, each with its source, not one "
        "value"},
       {"defaults: 1\n",
        "livestream.yml line 1: defaults: must hold settings of streams, not one value"},
       {"- demo\n", "livestream.yml line 1: the file: must hold keys and values, not a list"},
       {"streams: {a: [demo]}\n",
        "livestream.yml line 1: a: must hold a source, or keys such as source:, not a list"},
       {"port: [1]\n",
        "livestream.yml line 1: port: must be a whole number from 0 to 65535 (0 picks a free "
        "port), "
        "not a list"},
       {"port: {a: 1}\n",
        "livestream.yml line 1: port: must be a whole number from 0 to 65535 (0 picks a free "
        "port), "
        "not a map"},
       {"streams:\n  a: demo\n  a: demo\n", "livestream.yml line 3: a is there twice"},
       {"streams: {Front Door: demo}\n",
        "livestream.yml line 1: Front Door cannot be the name of a stream: 1 to 63 of a-z, 0-9, - "
        "and _, a letter or digit first, such as front-door"},
       {"streams: {a: '${NONE}'}\n",
        "livestream.yml line 1: a: ${NONE} is not set: set NONE in the environment or in .env"}});
}

TEST_F(ConfigFileTest, HasLimits) {
  EXPECT_EQ(error_of(std::string((1 << 20) + 1, '#')),
            "livestream.yml is larger than 1 MiB: not a file of settings");
  std::string many = "streams:\n";
  for (int i = 0; i < 1001; ++i) many += "  s" + std::to_string(i) + ": demo\n";
  EXPECT_EQ(error_of(many), "livestream.yml line 1002: has more than 1000 streams");
}

TEST_F(ConfigFileTest, TakesValuesFromTheEnvironmentThenFromTheEnvFile) {
  write_file("livestream.yml", "streams: {a: 'rtsp://u:${PW}@cam/${PATH_:-1}', b: demo}\n");
  write_env_file("PW=old\nPW=one\n");
  EXPECT_EQ(whole().streams[0].source.video_file, "rtsp://u:one@cam/1");
  EXPECT_EQ(whole({}, {{"PW", "two"}}).streams[0].source.video_file, "rtsp://u:two@cam/1");
  // Errors and --check show the reference, which may stand for a secret.
  const std::string output = check({}, {{"PW", "two"}, {"PATH_", "hunter"}});
  EXPECT_THAT(output, testing::Not(HasSubstr("hunter")));
  EXPECT_THAT(output, testing::Not(HasSubstr("two")));
  write_file("livestream.yml", "streams: {a: {source: demo, video_crf: '${PW}'}}\n");
  EXPECT_EQ(error({}),
            "livestream.yml line 1: video_crf: must be a whole number from 0 to 51, not \"${PW}\"");
}

TEST_F(ConfigFileTest, WarnsOfPasswordsThatOthersMayRead) {
  const std::string warning =
      " holds a password, and others may read it: chmod 600 livestream.yml, or write ${NAME} there "
      "and set NAME in the environment";
  write_file("livestream.yml", "streams: {a: 'rtsp://u:p@cam/1'}\n");
  EXPECT_THAT(whole().notices, ElementsAre("livestream.yml" + warning));
  std::filesystem::permissions(
      directory_ + "/livestream.yml",
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_THAT(whole().notices, IsEmpty());
  write_file("livestream.yml", "streams: {a: 'rtsp://u:${PW}@cam/1'}\n");
  EXPECT_THAT(whole({}, {{"PW", "x"}}).notices, IsEmpty());
}

TEST_F(ConfigFileTest, RunsOnlyWhatAFileOfTheUserNames) {
  write_file("livestream.yml", "defaults: {ffmpeg: ./evil}\nstreams: {a: demo}\n");
  EXPECT_EQ(whole().streams[0].source.ffmpeg, "./evil");
  std::filesystem::permissions(directory_ + "/livestream.yml", std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(whole().streams[0].source.ffmpeg, "ffmpeg");
  EXPECT_THAT(
      whole().notices,
      ElementsAre("livestream.yml line 1: ffmpeg is ignored, because it chooses a program to "
                  "run and other users may write to livestream.yml: close it to them (chmod "
                  "go-w livestream.yml), or give --ffmpeg"));
}

TEST_F(ConfigFileTest, TakesNoNameOfAProgramFromAnEnvFileOfOthers) {
  write_file("livestream.yml", "streams: {a: {source: demo, ffmpeg: '${FF}', title: '${FF}'}}\n");
  write_env_file("FF=./evil\n");
  EXPECT_EQ(whole().streams[0].source.ffmpeg, "./evil");
  std::filesystem::permissions(directory_ + "/.env", std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(error({}),
            "livestream.yml line 1: ffmpeg: ${FF} is not set: set FF in the environment "
            "or in .env");
  EXPECT_EQ(whole({}, {{"FF", "mine"}}).streams[0].source.ffmpeg, "mine");
}

TEST_F(ConfigFileTest, SaysOnceWhatConcernsSeveralStreams) {
  write_file("livestream.yml",
             "streams:\n"
             "  a: {source: demo, video_crf: 0}\n"
             "  b: {source: demo, video_crf: 0}\n"
             "  c: {source: demo, video_codec: copy, video_fps: 25}\n");
  const std::vector<std::string> notices = whole().notices;
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_THAT(notices[0], testing::StartsWith("stream a, b: VIDEO_CRF=0 became 1"));
  EXPECT_THAT(notices[1], testing::StartsWith("stream c: VIDEO_FPS is ignored"));
}

TEST_F(ConfigFileTest, ChecksInTheFormOfTheFile) {
  write_file("livestream.yml",
             "port: 9000\n"
             "defaults: {video_quality: 0.5}\n"
             "streams:\n"
             "  a: rtsp://u:p@cam/1\n"
             "  '5':\n"
             "    source: \"it's a \\\"clip\\\" $$5 # 1.mp4\"\n"
             "    title: 'null'\n"
             "    video_resolution: 640x360\n"
             "    audio: off\n"
             "    enabled: false\n");
  const std::string output = check({"--max-clients=5"}, {{"WORKERS", "3"}});
  const auto has = [&](const std::string& line, const std::string& remark) {
    EXPECT_THAT(output, testing::ContainsRegex("\n" + line + " +# " + remark)) << line;
  };
  has("port: 9000", "livestream.yml line 1\n");
  has("max_clients: 5", "flag\n");
  has("workers: 3", "environment\n");
  has("log_level: info", "default\n");
  has("  a:", "livestream.yml line 4\n");
  has("    video_quality: 0.5", "livestream.yml line 2\n");
  has("    title: a", "default\n");
  has("    video_maxrate: ", "default: no cap\n");
  EXPECT_THAT(output, HasSubstr("source: 'rtsp://***@cam/1'"));
  EXPECT_THAT(output, HasSubstr("# stream 5: VIDEO_RESOLUTION is ignored: VIDEO_QUALITY is set"));

  // The output is a file with the same effect, but for what is masked.
  const Config before = whole({"--max-clients=5"}, {{"WORKERS", "3"}});
  write_file("livestream.yml", output);
  const Config after = whole();
  EXPECT_EQ(after.server, before.server);
  ASSERT_EQ(after.streams.size(), before.streams.size());
  EXPECT_EQ(after.streams[1], before.streams[1]);
  EXPECT_EQ(after.streams[0].source.video_file, "rtsp://***@cam/1");
  EXPECT_EQ(after.streams[0].encoding, before.streams[0].encoding);
}

TEST_F(ConfigFileTest, ChecksSeveralSourcesInTheFormOfAFile) {
  const std::string output = check({"a.mp4", "b.mp4"});
  EXPECT_THAT(output, HasSubstr("streams:\n  a:\n    source: a.mp4"));
  write_file("livestream.yml", output);
  EXPECT_THAT(names(), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace livestream
