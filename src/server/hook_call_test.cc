#include "server/hook_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::ElementsAre;

HookCall call() {
  return {.stream = "front",
          .event = "source_down",
          .hook = {},
          .viewers = 3,
          .error = "said \"no\"",
          .at = WallTime(std::chrono::milliseconds(1'700'000'000'045))};
}

TEST(HookCall, TellsTheFactsInJsonAndAsVariables) {
  EXPECT_EQ(facts_of(call()),
            R"({"event":"source_down","stream":"front","time":"2023-11-14T22:13:20.045Z",)"
            R"("viewers":3,"error":"said \"no\""})");
  EXPECT_THAT(variables_of(call()),
              ElementsAre("LIVESTREAM_EVENT=source_down", "LIVESTREAM_STREAM=front",
                          "LIVESTREAM_VIEWERS=3", "LIVESTREAM_ERROR=said \"no\""));
  HookCall up = call();
  up.error = {};
  EXPECT_THAT(facts_of(up), testing::EndsWith(R"("error":null})"));
}

TEST(HookCall, NamesItsTargetWithoutSecrets) {
  EXPECT_EQ(target_of({.url = "http://me:secret@a:8123/api/webhook/secret?token=secret"}),
            "http://***@a:8123");
  EXPECT_EQ(target_of({.url = "https://a"}), "https://a");
  EXPECT_EQ(target_of({.command = {"/bin/x", "secret"}}), "/bin/x");
}

}  // namespace
}  // namespace livestream
