#include "server/hook_queue.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

HookCall call(const std::string& stream, const std::string& event,
              const std::string& target = "x") {
  return {.stream = stream, .event = event, .hook = {.command = {target}}};
}

std::string name(const std::optional<HookCall>& call) {
  return call ? call->stream + " " + call->event : "none";
}

TEST(HookQueue, RunsThoseOfAStreamOneAfterTheOther) {
  HookQueue queue;
  EXPECT_FALSE(queue.add(call("a", "down")));
  EXPECT_FALSE(queue.add(call("a", "up")));
  EXPECT_FALSE(queue.add(call("b", "down")));
  const auto first = queue.take();
  EXPECT_EQ(name(first), "a down");
  EXPECT_EQ(name(queue.take()), "b down");
  EXPECT_EQ(name(queue.take()), "none");
  queue.ended(*first);
  EXPECT_EQ(name(queue.take()), "a up");
  EXPECT_TRUE(queue.empty());
}

TEST(HookQueue, KeepsPlacesFreeOfATargetThatHangs) {
  HookQueue queue;
  for (std::size_t i = 0; i <= HookQueue::kMostRunningOfTarget; ++i)
    EXPECT_FALSE(queue.add(call(std::to_string(i), "up", "slow")));
  const std::string last = std::to_string(HookQueue::kMostRunningOfTarget);
  EXPECT_FALSE(queue.add(call(last, "down", "quick")));
  EXPECT_FALSE(queue.add(call("other", "up", "quick")));
  const auto first = queue.take();
  for (std::size_t i = 1; i < HookQueue::kMostRunningOfTarget; ++i) EXPECT_TRUE(queue.take());
  EXPECT_EQ(name(queue.take()), "other up");
  EXPECT_EQ(name(queue.take()), "none") << "nothing overtakes an earlier one of its stream";
  queue.ended(*first);
  EXPECT_EQ(name(queue.take()), last + " up");
}

TEST(HookQueue, RunsOnlySoManyAtOnce) {
  HookQueue queue;
  for (std::size_t i = 0; i <= HookQueue::kMostRunning; ++i)
    EXPECT_FALSE(queue.add(call(std::to_string(i), "up", std::to_string(i))));
  for (std::size_t i = 0; i < HookQueue::kMostRunning; ++i) EXPECT_TRUE(queue.take());
  EXPECT_FALSE(queue.take());
}

TEST(HookQueue, LeavesTheOldestOut) {
  HookQueue queue;
  EXPECT_FALSE(queue.add(call("b", "first")));
  for (std::size_t i = 0; i < HookQueue::kMostWaitingOfStream; ++i)
    EXPECT_FALSE(queue.add(call("a", std::to_string(i))));
  EXPECT_EQ(name(queue.add(call("a", "new"))), "a 0");
  for (std::size_t i = HookQueue::kMostWaitingOfStream + 1; i < HookQueue::kMostWaiting; ++i)
    EXPECT_FALSE(queue.add(call(std::to_string(i), "up")));
  EXPECT_EQ(name(queue.add(call("new", "up"))), "b first");
  EXPECT_EQ(queue.clear(), HookQueue::kMostWaiting);
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace livestream
