#include "config/env_file.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string value_of(std::string_view line) {
  const auto entries = parse_env_file(line);
  if (!entries) return "error: " + entries.error().message;
  if (entries->size() != 1) return "entries: " + std::to_string(entries->size());
  return entries->front().key + "|" + entries->front().value;
}

TEST(EnvFile, ReadsEachFormOfALine) {
  const std::map<std::string, std::string> table = {
      {"A=b", "A|b"},
      {"A=b\n", "A|b"},
      {"A=b\r\n", "A|b"},
      {"\xef\xbb\xbf"
       "A=b",
       "A|b"},
      {"  A = b c  ", "A|b c"},
      {"export A=b", "A|b"},
      {"export\tA=b", "A|b"},
      {"exported=b", "exported|b"},
      {"export=b", "export|b"},
      {"A=", "A|"},
      {"A=''", "A|"},
      {"A=b=c", "A|b=c"},
      {"A=b # c", "A|b"},
      {"A=# c", "A|"},
      {"A=\t# c", "A|"},
      {"A=rtsp://h/#1 # c", "A|rtsp://h/#1"},
      {"A=it's", "A|it's"},
      {"A='b # \"c\" \\n $D'", "A|b # \"c\" \\n $D"},
      {"A=\"b # 'c' \\\\ \\\" \\n $D\"  # e", "A|b # 'c' \\ \" \\n $D"},
      {"A=\"avfoundation:OBS Virtual Camera\"", "A|avfoundation:OBS Virtual Camera"},
      {"A=\xff\xfe\x01", "A|\xff\xfe\x01"},
  };
  for (const auto& [line, expected] : table) EXPECT_EQ(value_of(line), expected) << line;
}

TEST(EnvFile, KeepsOrderRepetitionsAndLineNumbers) {
  const auto entries = parse_env_file("# c\n\nA=1\r\n  \t\n  # d\nB=2\nA=3");
  ASSERT_TRUE(entries);
  std::vector<std::string> seen;
  for (const auto& entry : *entries) {
    seen.push_back(std::to_string(entry.line) + entry.key + entry.value);
  }
  EXPECT_THAT(seen, ElementsAre("3A1", "6B2", "7A3"));
}

TEST(EnvFile, NamesTheLineOfAnErrorButNotItsContent) {
  const std::map<std::string, std::string> table = {
      {"SECRET", "expected KEY=VALUE, found no `=`"},
      {"export SECRET", "expected KEY=VALUE, found no `=`"},
      {"=SECRET", "expected KEY=VALUE, found nothing before the `=`"},
      {"export =SECRET", "expected KEY=VALUE, found nothing before the `=`"},
      {"a b=SECRET", "expected KEY=VALUE, found a blank or a quote in the key"},
      {"'a'=SECRET", "expected KEY=VALUE, found a blank or a quote in the key"},
      {"A='SECRET", "the quote is not closed on this line"},
      {"A=\"SECRET\\\"", "the quote is not closed on this line"},
      {"A=\"", "the quote is not closed on this line"},
      {"A='b' SECRET", "only a comment may follow the closing quote"},
      {std::string("A=SECRET\0", 9), "holds a NUL byte, so this is not a text file"},
  };
  for (const auto& [line, expected] : table) {
    const auto entries = parse_env_file("OK=1\n\n" + line + "\nB=2");
    ASSERT_FALSE(entries) << line;
    EXPECT_EQ(entries.error().message, ".env line 3: " + expected);
    EXPECT_THAT(entries.error().message, Not(HasSubstr("SECRET")));
  }
}

TEST(EnvFile, ReadsTheSameEntriesUpToWhereItIsCut) {
  const std::string text =
      "\xef\xbb\xbf# c\nexport A='b c' # d\r\nB=\"e\\\"f\"\n\nC=g#h #i\n\xff=\xfe\n";
  const auto whole = parse_env_file(text);
  ASSERT_TRUE(whole);
  ASSERT_EQ(whole->size(), 4U);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto entries = parse_env_file(std::string_view(text).substr(0, size));
    if (!entries) continue;
    // All entries but the last, which may be cut, are those of the whole text.
    for (std::size_t i = 0; i + 1 < entries->size(); ++i) {
      EXPECT_EQ((*entries)[i].value, (*whole)[i].value) << size;
    }
  }
}

TEST(EnvFile, SurvivesEveryByteInEveryPlace) {
  const std::string text = "export A=\"b\\\"c\" # d\nB='e'\n";
  for (std::size_t place = 0; place < text.size(); ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string hostile = text;
      hostile[place] = static_cast<char>(byte);
      const auto entries = parse_env_file(hostile);
      if (entries) {
        EXPECT_LE(entries->size(), 3U);
      } else {
        EXPECT_THAT(entries.error().message, HasSubstr(".env line "));
      }
    }
  }
}

}  // namespace
}  // namespace livestream
