#include <filesystem>
#include <fstream>

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

}  // namespace
}  // namespace livestream
