#include "base/escape.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(EscapeControls, ShowsEachKindOfControlCharacter) {
  for (const auto& [text, escaped] : std::vector<std::pair<std::string, std::string>>{
           {"", ""},
           {"a b", "a b"},
           {"a\nb\r\tc", "a\\nb\\r\\tc"},
           {"\x1b[31mred", "\\u001b[31mred"},
           {std::string("\0", 1), "\\u0000"},
           {"\x7f", "\\u007f"},
           // U+0080, U+009B (it begins a terminal command), U+009F; U+00A0 is not a control.
           {"\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\\u0080\\u009b\\u009f\xc2\xa0"},
           {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xa5",
            "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xa5"},
           // Latin-1, and UTF-8 that is cut, overlong, a surrogate or too large.
           {"\x9b"
            "31m",
            "\\x9b31m"},
           {"caf\xe9", "caf\\xe9"},
           {"\xc3", "\\xc3"},
           {"\xe2\x82", "\\xe2\\x82"},
           {"\xc0\x8a", "\\xc0\\x8a"},
           {"\xe0\x82\x9b", "\\xe0\\x82\\x9b"},
           {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
           {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
           {"\xf0\x82\x82\x9b", "\\xf0\\x82\\x82\\x9b"}}) {
    EXPECT_EQ(escape_controls(text), escaped) << escaped;
    EXPECT_EQ(escape_controls(escaped), escaped);
  }
}

TEST(EscapeControls, LeavesNoControlCharacterOfAnyTwoBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes = {static_cast<char>(first), static_cast<char>(second)};
      const std::string out = escape_controls(bytes);
      for (std::size_t i = 0; i < out.size(); ++i)
        ASSERT_FALSE(starts_with_control(std::string_view(out).substr(i)))
            << first << " " << second;
    }
  }
}

TEST(IsUtf8, TakesWellFormedTextAlone) {
  for (const char* text : {"", "a\n", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8e\xa5"})
    EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text :
       {"caf\xe9", "\xc3", "a\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff\xfe"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

}  // namespace
}  // namespace livestream
