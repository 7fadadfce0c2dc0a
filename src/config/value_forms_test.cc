#include "config/value_forms.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace livestream {
namespace {

std::string rate_of(std::string_view text) {
  const auto rate = parse_frame_rate(text);
  return rate ? print(*rate) : "no";
}

TEST(FrameRateForm, TakesWholeNumbersDecimalsAndRatios) {
  const std::map<std::string, std::string> table = {
      {"1", "1"},
      {"30", "30"},
      {"240", "240"},
      {"030", "30"},
      {"25.0", "25"},
      {"25.00", "25"},
      {"12.5", "25/2"},
      {"29.5", "59/2"},
      {"1.5", "3/2"},
      {"14.999", "14999/1000"},
      {"23.976", "24000/1001"},
      {"23.98", "24000/1001"},
      {"29.97", "30000/1001"},
      {"29.970", "30000/1001"},
      {"29.97003", "30000/1001"},
      {"29.97002997", "30000/1001"},
      {"29.970029970029970", "30000/1001"},
      {"47.952", "48000/1001"},
      {"59.94", "60000/1001"},
      {"119.88", "120000/1001"},
      {"239.76", "240000/1001"},
      {"30/1", "30"},
      {"60/2", "30"},
      {"30000/1001", "30000/1001"},
      {"1000000/1000000", "1"},
      {"239.99999999999999999999", "240"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(rate_of(text), expected) << text;
}

TEST(PrintDecimal, WritesWhatCanBeRead) {
  for (const auto& [text, printed] :
       std::vector<std::pair<std::string, std::string>>{{"0", "0"},
                                                        {"1", "1"},
                                                        {"0.5", "0.5"},
                                                        {".25", "0.25"},
                                                        {".00000000008", "0.000000001"}}) {
    const auto billionths = parse_billionths(text);
    ASSERT_TRUE(billionths) << text;
    EXPECT_EQ(print_decimal(static_cast<double>(*billionths) / 1e9), printed) << text;
    EXPECT_EQ(parse_billionths(printed), billionths) << text;
  }
}

TEST(FrameRateForm, RefusesTheRest) {
  for (const char* text : {"",
                           "0",
                           "0.5",
                           "0.999",
                           "241",
                           "240.1",
                           "240.000000000001",
                           "-30",
                           "+30",
                           " 30",
                           "30 ",
                           "30fps",
                           "1e2",
                           "nan",
                           "inf",
                           "0x1e",
                           "30,0",
                           ".",
                           "30.",
                           "1/2",
                           "0/1",
                           "30/0",
                           "30/",
                           "/1",
                           "30/1/1",
                           "241/1",
                           "30.0/1",
                           "-30/-1",
                           "99999999999999999999",
                           "1000001/1000001",
                           "30,scale=2:2",
                           "30:1"}) {
    EXPECT_EQ(rate_of(text), "no") << text;
  }
}

TEST(SizeForm, TakesTwoWholeNumbersAndNothingElse) {
  EXPECT_EQ(parse_size("1280x720"), (VideoSize{1280, 720}));
  EXPECT_EQ(parse_size("2x16384"), (VideoSize{2, 16384}));
  for (const char* text : {"",
                           "x",
                           "1280",
                           "1280x",
                           "x720",
                           "1280X720",
                           "1280x720x2",
                           "1280*720",
                           "1280x-720",
                           "-1x2",
                           "1x2",
                           "0x0",
                           "2x16385",
                           "1280x720 ",
                           " 1280x720",
                           "1280 x 720",
                           "1280x720,vflip",
                           "1280x720:flags=0",
                           "iw/2xih/2",
                           "0x10x2",
                           "1280.0x720",
                           "18446744073709551618x720"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(BitrateForm, TakesUnitsAndDecimals) {
  const std::map<std::string, std::uint64_t> table = {
      {"128k", 128'000},   {"128K", 128'000}, {"128000", 128'000},      {"4M", 4'000'000},
      {"2.5M", 2'500'000}, {"4m", 4'000'000}, {"1000M", 1'000'000'000}, {".5M", 500'000},
      {"1.5k", 1'500},     {"1000", 1'000}};
  for (const auto& [text, expected] : table) {
    EXPECT_EQ(parse_bitrate(text, 1'000, 1'000'000'000), expected) << text;
  }
  for (const char* text : {"", "k", "M", "0", "128", "1001M", "1000000001", "128kk", "128kbps",
                           "-1M", "4 M", "1e6", "4G", "5000.5", "99999999999M", "1000000000M"}) {
    EXPECT_FALSE(parse_bitrate(text, 1'000, 1'000'000'000)) << text;
  }
}

TEST(BitrateForm, PrintsTheShortestExactText) {
  EXPECT_EQ(print_bitrate(128'000), "128k");
  EXPECT_EQ(print_bitrate(4'000'000), "4M");
  EXPECT_EQ(print_bitrate(2'500'000), "2500k");
  EXPECT_EQ(print_bitrate(12'345), "12345");
}

TEST(HostForm, TakesAddressesAndNames) {
  for (const char* text :
       {"0.0.0.0", "127.0.0.1", "::", "::1", "fe80::1%eth0", "2001:db8::7", "::ffff:10.0.0.1",
        "localhost", "cam-1.example.org", "my_host", "a", "1a"}) {
    EXPECT_TRUE(is_host(text)) << text;
  }
  for (const std::string text :
       {"",        "256.0.0.1", "1.2.3", "1.2.3.4.5",    "12",  ":::",  "::1%",
        "1::2::3", "a b",       "a..b",  ".a",           "a.",  "-a",   "a-",
        "*",       "http://a",  "a:80",  "127.0.0.1:80", "a/b", "a\nb", "caf\xc3\xa9"}) {
    EXPECT_FALSE(is_host(text)) << text;
  }
  EXPECT_FALSE(is_host(std::string("::1\0x", 5)));
  EXPECT_TRUE(is_host(std::string(63, 'a')));
  EXPECT_FALSE(is_host(std::string(64, 'a')));
  std::string longest = "a";
  while (longest.size() < 253) longest += ".a";
  EXPECT_TRUE(is_host(longest));
  EXPECT_FALSE(is_host(longest + ".a"));
}

TEST(OriginForm, IsWhatABrowserSends) {
  for (const auto& [text, origin] : std::map<std::string, std::string>{
           {"https://example.org", "https://example.org"},
           {"HTTPS://Example.ORG", "https://example.org"},
           {"https://example.org:443", "https://example.org"},
           {"http://example.org:80", "http://example.org"},
           {"http://example.org:443", "http://example.org:443"},
           {"https://example.org:80", "https://example.org:80"},
           {"http://example.org:08080", "http://example.org:8080"},
           {"http://192.168.1.9:3000", "http://192.168.1.9:3000"},
           {"http://[::1]:3000", "http://[::1]:3000"},
           {"http://[2001:DB8:0:0:0:0:0:1]:80", "http://[2001:db8::1]"},
           {"https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"}}) {
    EXPECT_EQ(parse_origin(text), origin) << text;
    EXPECT_EQ(parse_origin(origin), origin);
  }
  for (const char* text : {"",
                           "http",
                           "https",
                           "https:",
                           "https://",
                           "://a",
                           "null",
                           "file://",
                           "a.example",
                           "//a.example",
                           "https://a.example/",
                           "https://a.example?x",
                           "https://a.example#x",
                           "https://u@a.example",
                           "https://*.a.example",
                           "https://a.example:",
                           "https://a.example:0",
                           "https://a.example:65536",
                           "https://a b",
                           "http://[]",
                           "http://[::1]x",
                           "http://[::1]]",
                           "http://::1",
                           "http://[1.2.3.4]",
                           "https://m\xc3\xbcnchen.example",
                           "ftp://a.example"})
    EXPECT_FALSE(parse_origin(text)) << text;
}

TEST(OneLineForm, RefusesEveryControlCharacter) {
  for (const char* text : {"", "a b", "caf\xc3\xa9", "caf\xe9", "\x9b", "\xc2\xa0"})
    EXPECT_TRUE(is_one_line(text)) << text;
  for (const char* text : {"a\nb", "\t", "\x1b[31m", "\x7f",
                           "a\xc2\x9b"
                           "0m",
                           "\xc2\x85"})
    EXPECT_FALSE(is_one_line(text)) << text;
}

TEST(SwitchForm, TakesFourWordsForEachSide) {
  for (const char* text : {"1", "true", "yes", "on", "TRUE", "On"}) {
    EXPECT_EQ(parse_switch(text), true) << text;
  }
  for (const char* text : {"0", "false", "no", "off", "False", "OFF"}) {
    EXPECT_EQ(parse_switch(text), false) << text;
  }
  for (const char* text : {"", "2", "y", "t", " 1", "enabled"}) {
    EXPECT_FALSE(parse_switch(text)) << text;
  }
}

TEST(WholeForm, TakesDigitsInItsRangeAlone) {
  EXPECT_EQ(parse_whole("0", 0, 9), 0U);
  EXPECT_EQ(parse_whole("9", 0, 9), 9U);
  for (const char* text :
       {"", "10", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1_", "a", "18446744073709551616"}) {
    EXPECT_FALSE(parse_whole(text, 0, 9)) << text;
  }
}

}  // namespace
}  // namespace livestream
