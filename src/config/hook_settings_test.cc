#include "config/hook_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config_fixture.h"

// `hooks:` in files, as it becomes settings.

namespace livestream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Hook, IsAnAddressOrAList) {
  EXPECT_EQ(parse_hook("http://127.0.0.1:8123/up")->url, "http://127.0.0.1:8123/up");
  EXPECT_EQ(parse_hook("HTTPS://example.org")->url, "HTTPS://example.org");
  EXPECT_THAT(parse_hook(R"~(["/bin/x", "a b", "$(c)"])~")->command,
              ElementsAre("/bin/x", "a b", "$(c)"));
  EXPECT_TRUE(parse_hook("[]")->empty());
  for (const char* text :
       {"", "notify away", "http://", "http:///x", "file:///etc/passwd", "ftp://a/", "http://a b",
        "http://a\n", "[", "[1]", R"([""])", R"(["a\u0000b"])", R"({"a": 1})"})
    EXPECT_FALSE(parse_hook(text)) << text;
}

TEST(Hook, IsPrintedAsItIsRead) {
  for (const char* text : {"http://a/b?c=d", R"(["/bin/x", "a \"b\"", "é\n"])"})
    EXPECT_EQ(print_hook(*parse_hook(text)), text);
  EXPECT_EQ(print_hook({}), "");
}

TEST(Hook, ShowsNoCredentials) {
  EXPECT_EQ(mask_hook("http://me:secret@a/?token=secret"), "http://***@a/?token=***");
  EXPECT_EQ(mask_hook(R"(["notify", "http://me:secret@a/b", "away"])"),
            R"(["notify", "http://***@a/b", "away"])");
  EXPECT_EQ(mask_hook(R"(["notify", "--token", "secret", "away"])"),
            R"(["notify", "--token", "***", "away"])");
  EXPECT_THAT(mask_hook(R"(["curl", "-u", "me:secret", "-H", "Authorization: Bearer secret"])"),
              Not(HasSubstr("secret")));
}

class HookSettingsTest : public ConfigTest {
 protected:
  [[nodiscard]] std::vector<StreamSettings> streams(std::string_view text,
                                                    const Environment& environment = {}) const {
    write_file("livestream.yml", text);
    const auto invocation = load({}, environment);
    if (!invocation) ADD_FAILURE() << invocation.error().message;
    return invocation ? invocation->config.streams : std::vector<StreamSettings>(3);
  }
  [[nodiscard]] std::string error_of(std::string_view text) const {
    write_file("livestream.yml", text);
    return error({});
  }
};

TEST_F(HookSettingsTest, AStreamsOwnKeyReplacesTheOneOfAll) {
  const auto all = streams(
      "hooks:\n"
      "  source_up: http://a/up\n"
      "  source_down: [notify, 'camera away', 5, on]\n"
      "  timeout: 2.5\n"
      "defaults:\n"
      "  hooks:\n"
      "    first_viewer: [light, on]\n"
      "    source_up: http://b/up\n"
      "streams:\n"
      "  front: {source: demo, hooks: {source_up: http://c/up, source_down: []}}\n"
      "  yard: {source: demo, hooks: {source_up: }}\n");
  EXPECT_EQ(all[0].hooks.source_up.url, "http://c/up");
  EXPECT_TRUE(all[0].hooks.source_down.empty());
  EXPECT_THAT(all[0].hooks.first_viewer.command, ElementsAre("light", "on"));
  EXPECT_EQ(all[0].hooks.timeout, std::chrono::milliseconds(2500));
  EXPECT_EQ(all[1].hooks.source_up.url, "http://b/up");
  EXPECT_THAT(all[1].hooks.source_down.command, ElementsAre("notify", "camera away", "5", "on"));
  EXPECT_TRUE(all[1].hooks.last_viewer.empty());
}

TEST_F(HookSettingsTest, ReferencesStandForWholeTexts) {
  const auto all = streams(
      "hooks:\n"
      "  source_up: http://a/${ID}\n"
      "  source_down: ['${PROGRAM}', '${TEXT}', '$$x', '${NONE:-a \"b\"}']\n",
      {{"ID", "7"}, {"PROGRAM", "/bin/x"}, {"TEXT", "\", \"rm\\"}});
  EXPECT_EQ(all[0].hooks.source_up.url, "http://a/7");
  EXPECT_THAT(all[0].hooks.source_down.command,
              ElementsAre("/bin/x", "\", \"rm\\", "$x", "a \"b\""));
}

TEST_F(HookSettingsTest, ErrorsNameTheCauseAndTheCure) {
  constexpr const char* kAllowed =
      "must be an address that begins with http:// or https://, or a list of a program and its "
      "arguments, such as [/usr/local/bin/notify, away], not ";
  EXPECT_EQ(error_of("hooks:\n  source_up: notify away\n"),
            "livestream.yml line 2: hooks.source_up: " + std::string(kAllowed) + "\"notify away\"");
  EXPECT_EQ(error_of("hooks:\n  source_up: '[\"rm\"]'\n"),
            "livestream.yml line 2: hooks.source_up: " + std::string(kAllowed) + "\"[\"rm\"]\"");
  EXPECT_EQ(error_of("hooks:\n  source_up: {a: b}\n"),
            "livestream.yml line 2: hooks.source_up: " + std::string(kAllowed) + "a map");
  EXPECT_EQ(error_of("hooks:\n  source_upp: http://a\n"),
            "livestream.yml line 2: source_upp is not a setting: did you mean source_up?");
  EXPECT_EQ(error_of("hooks:\n  SOURCE_UP: http://a\n"),
            "livestream.yml line 2: SOURCE_UP is not a setting: did you mean source_up?");
  EXPECT_EQ(error_of("hoks:\n  source_up: http://a\n"),
            "livestream.yml line 1: hoks is not a setting: did you mean hooks?");
  EXPECT_EQ(error_of("source_up: http://a\n"),
            "livestream.yml line 1: source_up belongs below hooks:");
  EXPECT_EQ(error_of("hooks: [http://a]\n"),
            "livestream.yml line 1: hooks: must hold events, such as source_down:, each with what "
            "runs then, not a list");
  EXPECT_EQ(error_of("hooks:\n  timeout: 0\n"),
            "livestream.yml line 2: hooks.timeout: must be a number of seconds from 1 to 3600, not "
            "\"0\"");
}

TEST_F(HookSettingsTest, AVariableIsNeverACommand) {
  write_file("livestream.yml", "hooks:\n  source_up: ${HOOK}\n");
  EXPECT_THAT(error({}, {{"HOOK", R"(["rm"])"}}), HasSubstr("must be an address"));
}

TEST_F(HookSettingsTest, AFileOfOthersChoosesNoPrograms) {
  write_file("livestream.yml", "hooks:\n  source_up: [notify]\n  source_down: http://a/\n");
  std::filesystem::permissions(directory_ + "/livestream.yml", std::filesystem::perms::all);
  const auto invocation = load({});
  ASSERT_TRUE(invocation);
  EXPECT_TRUE(invocation->config.streams[0].hooks.source_up.empty());
  EXPECT_EQ(invocation->config.streams[0].hooks.source_down.url, "http://a/");
  EXPECT_THAT(invocation->config.notices,
              ElementsAre("livestream.yml line 2: hooks.source_up is ignored, because it chooses a "
                          "program to run and other users may write to livestream.yml: close it to "
                          "them (chmod go-w livestream.yml)"));
}

TEST_F(HookSettingsTest, ARequestChoosesAddressesOnly) {
  const auto changed = [&](const std::string& text) {
    return load_again({{}, {}, directory_, {{StreamChange::Kind::kPut, "a", text}}});
  };
  const auto taken = changed(R"({"source": "demo", "hooks": {"source_up": "http://a/"}})");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->streams.back().hooks.source_up.url, "http://a/");
  const auto refused = changed(R"({"source": "demo", "hooks": {"source_up": ["rm"]}})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the request line 1: hooks.source_up is ignored, because it chooses a program to run "
            "and a request set it: write it into a file");
  EXPECT_TRUE(changed(R"({"source": "demo", "hooks": {"source_up": []}})"));
}

TEST_F(HookSettingsTest, ARequestTakesThemBack) {
  write_file("livestream.yml",
             "hooks: {source_up: http://all/}\n"
             "streams:\n"
             "  a: {source: demo, hooks: {source_up: http://own/, last_viewer: http://own/}}\n");
  const auto hooks_after = [&](const std::string& text) {
    const auto config = load_again({{}, {}, directory_, {{StreamChange::Kind::kPatch, "a", text}}});
    return config ? config->streams.front().hooks : HookSettings{};
  };
  const HookSettings one = hooks_after("hooks: {source_up: null}");
  EXPECT_EQ(one.source_up.url, "http://all/");
  EXPECT_EQ(one.last_viewer.url, "http://own/");
  const HookSettings all = hooks_after("hooks: null");
  EXPECT_EQ(all.source_up.url, "http://all/");
  EXPECT_TRUE(all.last_viewer.empty());
}

TEST_F(HookSettingsTest, AStreamsOwnTextHoldsThemAsTheyStandThere) {
  write_file("livestream.yml",
             "streams:\n"
             "  a: {source: demo, hooks: {source_up: 'http://a/${T}', source_down: [x, '${T} b'], "
             "timeout: 3}}\n");
  const auto text = own_text({{}, {{"T", "t"}}, directory_}, "a");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text,
            "source: \"demo\"\n"
            "hooks:\n"
            "  source_up: \"http://a/${T}\"\n"
            "  source_down: [\"x\",\"${T} b\"]\n"
            "  timeout: \"3\"\n");
}

TEST_F(HookSettingsTest, CheckShowsThemWithoutCredentials) {
  write_file("livestream.yml",
             "hooks:\n"
             "  source_up: http://me:secret@a/?token=secret\n"
             "  source_down: [notify, --token, secret, 'a \"b\"']\n"
             "  first_viewer: [notify, '${T}']\n"
             "streams:\n"
             "  a: demo\n");
  const std::string text = check({}, {{"T", "secret"}});
  EXPECT_THAT(text, HasSubstr("    hooks:\n"));
  EXPECT_THAT(text, HasSubstr("      source_down: [\"notify\", \"--token\", \"***\", "
                              "\"a \\\"b\\\"\"]  # livestream.yml line 3\n"));
  EXPECT_THAT(text, HasSubstr("first_viewer: [\"notify\", \"${T}\"]"));
  EXPECT_THAT(text, HasSubstr("timeout: 10"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  write_file("livestream.yml", "streams:\n  a: demo\n");
  EXPECT_THAT(check({}), Not(HasSubstr("hooks")));
}

}  // namespace
}  // namespace livestream
