#include "base/log.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace livestream {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string written(LogFormat format, const std::function<void(const Log&)>& log) {
  testing::internal::CaptureStderr();
  log(Log(LogLevel::kInfo, format));
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesMessageAndFieldsOnOneLine) {
  const std::string line = written(LogFormat::kText, [](const Log& log) {
    log.warn("source lost", {{"stream", "default"},
                             {"reason", std::string("two words")},
                             {"restarts", 3},
                             {"rate", 0.5},
                             {"copies", true},
                             {"nothing", ""}});
  });
  EXPECT_THAT(line, EndsWith(" warn  source lost stream=default reason=\"two words\" restarts=3 "
                             "rate=0.5 copies=true nothing=\"\"\n"));
}

TEST(Log, WritesOneJsonObject) {
  const auto json = nlohmann::json::parse(written(LogFormat::kJson, [](const Log& log) {
    log.error("a \"b\"", {{"stream", "x=y"}, {"restarts", -3}, {"rate", 0.5}, {"copies", false}});
  }));
  EXPECT_EQ(json["level"], "error");
  EXPECT_EQ(json["message"], "a \"b\"");
  EXPECT_EQ(json["stream"], "x=y");
  EXPECT_EQ(json["restarts"], -3);
  EXPECT_EQ(json["rate"], 0.5);
  EXPECT_EQ(json["copies"], false);
}

TEST(Log, WritesNothingBelowItsLevel) {
  EXPECT_EQ(written(LogFormat::kText, [](const Log& log) { log.debug("detail"); }), "");
}

// Forged lines, colours (ESC), backspaces, and the one-character form of ESC [ (U+009B).
TEST(Log, EscapesControlCharactersOfMessagesAndValues) {
  const std::string evil =
      "a\n2026-01-01 error forged\x1b[31m\x08\x7f\xc2\x9b"
      "0m\xc2\x85"
      "b\x9b";
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line = written(format, [&](const Log& log) {
      log.info(evil, {{"plain", evil}, {"agent", evil + " x"}});
    });
    ASSERT_FALSE(line.empty());
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    for (const char* control : {"\x1b", "\x08", "\x7f", "\xc2\x9b", "\xc2\x85", "\x9b"})
      EXPECT_THAT(line.substr(0, line.size() - 1), Not(HasSubstr(control)));
    EXPECT_THAT(line, HasSubstr("\\u001b[31m"));
  }
}

TEST(Log, KeepsTheMeaningOfJsonThatItEscapes) {
  const std::string name = "caf\xc3\xa9\xc2\x9b\x7f\n";
  const auto json = nlohmann::json::parse(written(LogFormat::kJson, [&](const Log& log) {
    log.info(name, {{"name", name}});
  }));
  EXPECT_EQ(json["message"], name);
  EXPECT_EQ(json["name"], name);
}

}  // namespace
}  // namespace livestream
