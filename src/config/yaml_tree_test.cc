#include "config/yaml_tree.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The tree in one line: {key=value,...} and [item,...], a null as ~.
std::string flat(const YamlNode& node) {
  std::string out;
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "~";
    case YamlNode::Kind::kScalar:
      return node.text;
    case YamlNode::Kind::kList:
      for (const auto& item : node.items) out += (out.empty() ? "" : ",") + flat(*item);
      return "[" + out + "]";
    case YamlNode::Kind::kMap:
      for (const auto& entry : node.entries)
        out += (out.empty() ? "" : ",") + entry.key + "=" + flat(*entry.value);
      return "{" + out + "}";
  }
  return out;
}

std::string tree(std::string_view text) {
  const auto root = parse_yaml(text, "x.yml");
  return root ? flat(**root) : root.error().message;
}

TEST(YamlTree, KeepsOrderAndTextAndLines) {
  EXPECT_EQ(tree("b: 0x10\na: [1, 'two', \"th\\u0072ee\"]\nc:\n  d: yes\n  e:\n"),
            "{b=0x10,a=[1,two,three],c={d=yes,e=~}}");
  EXPECT_EQ(tree("\xef\xbb\xbf"
                 "a: 1\r\nb: 2\r\n"),
            "{a=1,b=2}");
  const auto root = parse_yaml("# x\n\na: 1\nb:\n  c: 2\n", "x.yml");
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)->entries[0].line, 3);
  EXPECT_EQ((*root)->entries[1].value->entries[0].line, 5);
}

TEST(YamlTree, TakesAnEmptyFileForNothing) {
  for (const char* text : {"", "\n\n", "# only this\n", "---\n", "--- ~\n", "null"})
    EXPECT_EQ(tree(text), "~") << text;
}

TEST(YamlTree, WritesAliasesAndMergeKeysOut) {
  EXPECT_EQ(tree("a: &x {b: 1, c: 2}\nd: *x\n"), "{a={b=1,c=2},d={b=1,c=2}}");
  EXPECT_EQ(tree("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n"), "{a={b=1,c=2},d={c=3,b=1}}");
  EXPECT_EQ(tree("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n"),
            "{a={b=1},c={b=2,d=3},e={b=1,d=3}}");
  EXPECT_EQ(tree("a: {<<: 3}\n"),
            "x.yml line 1: << takes an alias of a map, such as <<: *name, or a list of these");
  EXPECT_EQ(tree("a: &x\n  - *x\n"),
            "x.yml line 2: an alias (*) stands within what its anchor (&) names");
  EXPECT_THAT(tree("a: *x\n"), StartsWith("x.yml line 1: is not valid YAML: "));
}

TEST(YamlTree, RefusesWhatIsProbablyAMistake) {
  EXPECT_EQ(tree("a: 1\nb: 2\na: 3\n"), "x.yml line 3: a is there twice");
  EXPECT_EQ(tree("a: {b: 1, b: 2}\n"), "x.yml line 1: b is there twice");
  EXPECT_EQ(tree("a: 1\n---\nb: 2\n"),
            "x.yml line 3: begins a second document (---): one is enough");
  EXPECT_EQ(tree("? [a]\n: 1\n"),
            "x.yml line 1: a key must be a word, with `: ` and its value behind it");
  EXPECT_EQ(tree("a: !secret b\n"),
            "x.yml line 1: tags such as !secret are not known here: a value from the environment "
            "is written ${NAME}");
  EXPECT_EQ(tree("a:\n\tb: 1\n"), "x.yml line 2: begins with a tab: indent with blanks");
  EXPECT_EQ(tree("a:\n  b: 1\n\tc: 1\n"), "x.yml line 3: begins with a tab: indent with blanks");
  EXPECT_THAT(tree("a: [1\nb: 2\n"), HasSubstr(" is not valid YAML: "));
  EXPECT_THAT(tree("a: 1\n b: 2\n"), HasSubstr(" is not valid YAML: "));
}

TEST(YamlTree, RefusesWhatIsNotText) {
  EXPECT_EQ(tree("a: 1\nb: caf\xe9\n"),
            "x.yml line 2: is not UTF-8: save the file in that encoding");
  const std::string utf16(
      "\xff\xfe"
      "a\0:\0",
      6);
  EXPECT_THAT(tree(utf16), StartsWith("x.yml line 1: is not UTF-8"));
  for (const char control : {'\0', '\x04', '\x1b', '\r'}) {
    EXPECT_EQ(tree(std::string("a: 1\nb: x") + control + "y\n"),
              "x.yml line 2: holds a control character, so this is not a text file");
  }
}

// Ten anchors, each a list of ten aliases of the one before: 10^10 values.
TEST(YamlTree, HasALimitForWhatAliasesBecome) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(tree(bomb), HasSubstr("has more than 100000 values, those of aliases included"));
  std::string merges = "a0: &a0 {k0: 1, l0: 2}\n";
  for (int i = 1; i < 40; ++i) {
    const std::string n = std::to_string(i);
    const std::string before = "*a" + std::to_string(i - 1);
    merges += "a" + n + ": &a" + n + " {<<: [" + before + ", " + before + "], k" + n + ": 1}\n";
  }
  EXPECT_THAT(tree(merges), HasSubstr("has more than 100000 values, those of aliases included"));
}

TEST(YamlTree, HasALimitForNesting) {
  for (const char* open : {"[", "{a: ", "- ", "? "}) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += open;
    EXPECT_THAT(tree(text), HasSubstr("x.yml line 1: is nested more than 20 levels deep")) << open;
  }
}

// A large file is read or refused soon, whatever it holds.
TEST(YamlTree, TakesLinearTime) {
  constexpr std::size_t kSize = 128 << 10;
  const auto begin = std::chrono::steady_clock::now();
  for (const char* piece : {"a", "a: ", "- a\n", "[a], ", "\"", "'", "#", "&a ", "*a ", "!a ", "%",
                            "a\n", "|\n", " ", ":", "? ", ", ", "{}", "a:\n - b\n"}) {
    std::string text;
    while (text.size() < kSize) text += piece;
    (void)parse_yaml(text, "x.yml");
    (void)parse_yaml("a: [" + text, "x.yml");
    (void)parse_yaml("a: \"" + text, "x.yml");
  }
  std::string numbered;
  for (int i = 0; numbered.size() < kSize; ++i) numbered += "key" + std::to_string(i) + ": v\n";
  (void)parse_yaml(numbered, "x.yml");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
}

TEST(YamlTree, SurvivesEveryTruncationAndEveryByte) {
  const std::string text = "a: &x\n  b: 'c' # d\n  e: [1, \"2\"]\nf:\n  <<: *x\n  g: |\n    h\n";
  for (std::size_t size = 0; size <= text.size(); ++size) (void)tree(text.substr(0, size));
  for (std::size_t place = 0; place < text.size(); ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string hostile = text;
      hostile[place] = static_cast<char>(byte);
      const auto root = parse_yaml(hostile, "x.yml");
      EXPECT_THAT(root ? "x.yml line " : root.error().message, StartsWith("x.yml line "));
    }
  }
}

}  // namespace
}  // namespace livestream
