#include "config/schema.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "config/settings.h"

namespace livestream {
namespace {

bool takes(const Setting& setting, const std::string& text) {
  Values values;
  return setting.parse(text, values);
}

// The limits and words that editors are told are those of the parsers.
TEST(Schema, SaysWhatTheParsersTake) {
  for (const std::span<const Setting> table :
       {stream_settings(), hook_settings(), server_settings()}) {
    for (const Setting& setting : table) {
      for (const std::string_view word : setting.words)
        EXPECT_TRUE(takes(setting, std::string(word))) << setting.key << " " << word;
      if (setting.shape == Shape::kSwitch) {
        for (const char* word : {"true", "false", "on", "off", "yes", "no"})
          EXPECT_TRUE(takes(setting, word)) << setting.key << " " << word;
        EXPECT_FALSE(takes(setting, "perhaps")) << setting.key;
      }
      if (setting.shape == Shape::kWord) {
        EXPECT_GT(setting.words.size(), 1U) << setting.key;
        EXPECT_FALSE(takes(setting, "perhaps")) << setting.key;
      }
      if (setting.shape != Shape::kWhole && setting.shape != Shape::kNumber) continue;
      EXPECT_LT(setting.lowest, setting.highest) << setting.key;
      EXPECT_TRUE(takes(setting, fmt::format("{:.0f}", setting.lowest))) << setting.key;
      EXPECT_TRUE(takes(setting, fmt::format("{:.0f}", setting.highest))) << setting.key;
      EXPECT_FALSE(takes(setting, fmt::format("{:.0f}", setting.lowest - 1))) << setting.key;
      EXPECT_FALSE(takes(setting, fmt::format("{:.0f}", setting.highest + 1))) << setting.key;
    }
  }
}

TEST(Schema, HasEachKeyOfAFileAndNoOther) {
  const auto schema = nlohmann::json::parse(config_schema());
  std::size_t of_server = 0;
  for (const Setting& setting : server_settings()) {
    const bool there = schema["properties"].contains(name_in_file(setting));
    EXPECT_EQ(there, !setting.flag_only) << setting.key;
    of_server += there ? 1 : 0;
  }
  EXPECT_EQ(schema["properties"].size(), of_server + 3) << "with defaults, streams and hooks";
  const auto& stream = schema["definitions"]["stream"]["properties"];
  for (const Setting& setting : stream_settings())
    EXPECT_TRUE(stream.contains(name_in_file(setting))) << setting.key;
  EXPECT_EQ(stream.size(), stream_settings().size() + 2) << "with source and hooks";
  EXPECT_EQ(schema["properties"]["defaults"]["properties"].size(), stream_settings().size());
  const auto& hooks = schema["definitions"]["hooks"]["properties"];
  for (const Setting& setting : hook_settings())
    EXPECT_TRUE(hooks.contains(name_in_file(setting))) << setting.key;
  EXPECT_EQ(hooks.size(), hook_settings().size());
}

}  // namespace
}  // namespace livestream
