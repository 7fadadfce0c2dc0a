#include "config/nearest_setting.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(NearestSetting, IsTheOneWithFewWrongLetters) {
  for (const auto& [name, key] :
       std::vector<std::pair<std::string, std::string>>{{"VIDEO_FSP", "VIDEO_FPS"},
                                                        {"video-fps", "VIDEO_FPS"},
                                                        {"video_fps", "VIDEO_FPS"},
                                                        {"VIDEO_RESOLUTON", "VIDEO_RESOLUTION"},
                                                        {"VIDEO_RESOLUTIONS", "VIDEO_RESOLUTION"},
                                                        {"VIDOE_CODECC", "VIDEO_CODEC"},
                                                        {"PORTS", "PORT"},
                                                        {"PROT", "PORT"},
                                                        {"trusted-proxy", ""},
                                                        {"trusted-proxie", "TRUSTED_PROXIES"},
                                                        {"max-client", "MAX_CLIENTS"}}) {
    EXPECT_EQ(nearest_setting(name).value_or(""), key) << name;
  }
}

TEST(NearestSetting, IsNothingWhenNoneOrTwoAreNear) {
  for (const std::string& name :
       {std::string(), std::string("RELOAD"), std::string("SERVER_PORT"), std::string("DB_HOST"),
        std::string("COST_X"), std::string("VIDEO_"), std::string(100'000, 'A')}) {
    EXPECT_FALSE(nearest_setting(name)) << name.substr(0, 20);
  }
  // As near to VIDEO_TRACK as to AUDIO_TRACK.
  EXPECT_FALSE(nearest_setting("XUDEO_TRACK"));
}

}  // namespace
}  // namespace livestream
