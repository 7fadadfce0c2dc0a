#include "doctor/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace livestream {
namespace {

const Check kFine{Verdict::kOk, "port", "8000 is free"};
const Check kBad{Verdict::kFault, "source front (rtsp://admin:pass@10.0.0.1/x)", "gone"};

TEST(Check, IsOneLineWithItsVerdictInFront) {
  EXPECT_EQ(line_of(kFine), "ok       port: 8000 is free");
  EXPECT_EQ(line_of({Verdict::kWarning, "clock", "a\nb"}), "warning  clock: a\\nb");
}

TEST(Check, ShowsNoCredential) {
  EXPECT_EQ(line_of(kBad), "fault    source front (rtsp://***@10.0.0.1/x): gone");
  EXPECT_THAT(json_of({kBad}), ::testing::Not(::testing::HasSubstr("pass")));
}

TEST(Check, IsCountedInTheLastLine) {
  EXPECT_EQ(summary_of({kFine}), "Everything is in order.");
  EXPECT_EQ(summary_of({kFine, kBad, kBad}), "2 faults, 0 warnings.");
  EXPECT_EQ(summary_of({kBad, {Verdict::kWarning, "a", "b"}}), "1 fault, 1 warning.");
  EXPECT_FALSE(has_fault({kFine, {Verdict::kWarning, "a", "b"}}));
  EXPECT_TRUE(has_fault({kFine, kBad}));
}

TEST(Check, IsJsonWhateverItsBytesAre) {
  const auto json = nlohmann::json::parse(json_of({kFine, {Verdict::kFault, "x", "\xff\n"}}));
  EXPECT_EQ(json["checks"][0]["verdict"], "ok");
  EXPECT_EQ(json["checks"][0]["subject"], "port");
  EXPECT_EQ(json["checks"][1]["verdict"], "fault");
  EXPECT_EQ(json["faults"], 1);
  EXPECT_EQ(json["warnings"], 0);
}

}  // namespace
}  // namespace livestream
