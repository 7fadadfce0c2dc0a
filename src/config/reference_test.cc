#include "config/reference.h"

#include <map>

#include <gtest/gtest.h>

namespace livestream {
namespace {

std::string resolved(std::string_view text) {
  const std::map<std::string, std::string, std::less<>> variables = {
      {"A", "1"}, {"PASS_2", "p$A${A}"}, {"EMPTY", ""}, {"LONG", std::string(40'000, 'x')}};
  const auto value = resolve_references(text, [&](std::string_view name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
  return value ? *value : "error: " + value.error().message;
}

TEST(References, AreReplacedOnce) {
  EXPECT_EQ(resolved("plain"), "plain");
  EXPECT_EQ(resolved("${A}"), "1");
  EXPECT_EQ(resolved("x${A}${A}y"), "x11y");
  EXPECT_EQ(resolved("rtsp://u:${PASS_2}@h"), "rtsp://u:p$A${A}@h");
  EXPECT_EQ(resolved("$$"), "$");
  EXPECT_EQ(resolved("$${A}$$$$"), "${A}$$");
  EXPECT_EQ(resolved("${EMPTY}"), "");
  EXPECT_EQ(resolved("${EMPTY:-b}${NONE:-c d}${A:-e}${NONE:-}"), "bc d1");
}

TEST(References, SayWhatIsWrong) {
  EXPECT_EQ(resolved("a ${NONE}"),
            "error: ${NONE} is not set: set NONE in the environment or in .env");
  EXPECT_EQ(resolved("costs $5"), "error: a $ that stands for itself is written $$");
  EXPECT_EQ(resolved("$"), "error: a $ that stands for itself is written $$");
  EXPECT_EQ(resolved("${A"), "error: ${ lacks its }");
  for (const char* text : {"${}", "${1A}", "${A B}", "${A-b}", "${${A}}", "${:-b}"})
    EXPECT_EQ(resolved(text),
              "error: in ${...} stands the name of a variable: letters, digits and _")
        << text;
  EXPECT_EQ(resolved("${LONG}${LONG}"), "error: is longer than 64 KiB with its ${...} replaced");
}

TEST(References, CanBeAvoided) {
  for (const char* text : {"", "a", "$", "${A}", "$$a$", "a$b"})
    EXPECT_EQ(resolved(without_references(text)), text);
  EXPECT_FALSE(has_references("a {b}"));
  EXPECT_TRUE(has_references("$$"));
}

TEST(References, KeepSecretsOutOfTheFile) {
  for (const char* clear :
       {"rtsp://u:p@h/1", "http://h/?token=abc", "rtsp://u:p${A}@h", "rtsp://${USER}:p@h",
        "srt://h:1?passphrase=${A}&streamid=b", "tee rtsp://u:${A}@h rtsp://u:b@h"})
    EXPECT_TRUE(holds_secret_in_clear(clear)) << clear;
  for (const char* kept :
       {"", "rtsp://h/1", "rtsp://u:${P}@h/1", "rtsp://${U}:${P}@h/1", "rtsp://${U}@h", "${URL}",
        "http://h/?token=${T}", "${NONE:-x}", "a@b", "broken $"})
    EXPECT_FALSE(holds_secret_in_clear(kept)) << kept;
}

}  // namespace
}  // namespace livestream
