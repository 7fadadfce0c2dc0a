#include "base/ascii.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(Ascii, PutsEveryByteIntoItsClasses) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    EXPECT_EQ(is_digit(c), i >= 48 && i <= 57) << i;
    EXPECT_EQ(is_letter(c), (i >= 65 && i <= 90) || (i >= 97 && i <= 122)) << i;
    EXPECT_EQ(is_control(c), i < 32 || i == 127) << i;
    EXPECT_EQ(to_lower_case(c), i >= 65 && i <= 90 ? static_cast<char>(i + 32) : c) << i;
  }
}

TEST(Ascii, ReadsHexadecimalDigits) {
  EXPECT_EQ(hex_value('0'), 0);
  EXPECT_EQ(hex_value('9'), 9);
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
  for (const char c : {'g', 'G', ' ', '/', ':', '@', '`', '\0', '\xff'}) {
    EXPECT_EQ(hex_value(c), -1) << c;
  }
}

TEST(Ascii, ComparesWithoutCase) {
  EXPECT_TRUE(equal_ignoring_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("\xc4", "\xe4"));
  EXPECT_TRUE(starts_with_ignoring_case("RTSP://h", "rtsp://"));
  EXPECT_FALSE(starts_with_ignoring_case("rtsp", "rtsp://"));
  EXPECT_TRUE(starts_with_ignoring_case("x", ""));
}

TEST(Ascii, TrimsSpacesAndTabs) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim_left(" \ta "), "a ");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\r\n"), "\r\n");
}

}  // namespace
}  // namespace livestream
