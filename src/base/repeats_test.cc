#include "base/repeats.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

TEST(Repeats, LetsATextThroughOnceAMinuteWithItsCount) {
  Repeats repeats;
  SteadyTime now{};
  EXPECT_EQ(repeats.count("a", now), 1U);
  EXPECT_EQ(repeats.count("a", now), 0U);
  EXPECT_EQ(repeats.count("b", now), 1U);
  now += Repeats::kInterval - std::chrono::seconds(1);
  EXPECT_TRUE(repeats.is_recent("a", now));
  EXPECT_EQ(repeats.count("a", now), 0U);
  now += std::chrono::seconds(1);
  EXPECT_FALSE(repeats.is_recent("a", now));
  EXPECT_EQ(repeats.count("a", now), 3U);
}

TEST(Repeats, ForgetsATextThatDoesNotComeAgain) {
  Repeats repeats;
  SteadyTime now{};
  EXPECT_EQ(repeats.count("a", now), 1U);
  EXPECT_EQ(repeats.count("a", now), 0U);
  now += 2 * Repeats::kInterval;
  EXPECT_EQ(repeats.count("b", now), 1U);
  EXPECT_EQ(repeats.count("a", now), 1U);
}

}  // namespace
}  // namespace livestream
