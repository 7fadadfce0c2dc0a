#include "net/shortage.h"

#include <gtest/gtest.h>

namespace livestream::net {
namespace {

using namespace std::chrono_literals;

TEST(Shortage, IsReportedOnceHoweverOftenAcceptsFail) {
  Shortage shortage;
  SteadyTime now{};
  EXPECT_TRUE(shortage.begins(now));
  for (int i = 0; i < 100; ++i) {
    now += 100ms;
    EXPECT_FALSE(shortage.begins(now));
    EXPECT_FALSE(shortage.is_over(now)) << "some accepts between these may have worked";
  }
}

TEST(Shortage, IsOverOnceAfterCalm) {
  Shortage shortage;
  SteadyTime now{};
  EXPECT_FALSE(shortage.is_over(now)) << "it has not begun";
  (void)shortage.begins(now);
  now += Shortage::kCalm - 1ms;
  EXPECT_FALSE(shortage.is_over(now));
  now += 1ms;
  EXPECT_TRUE(shortage.is_over(now));
  EXPECT_FALSE(shortage.is_over(now + 1h));
  EXPECT_TRUE(shortage.begins(now)) << "the next one";
}

}  // namespace
}  // namespace livestream::net
