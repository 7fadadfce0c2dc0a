#include "server/ingest_threads.h"

#include <chrono>
#include <future>
#include <vector>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "base/manual_clock_for_test.h"

namespace livestream {
namespace {

using std::chrono::seconds;

// Waits until the loop has done what it had to.
void finish(boost::asio::io_context& loop) {
  std::promise<void> done;
  boost::asio::post(loop, [&done] { done.set_value(); });
  done.get_future().wait();
}

TEST(IngestThreads, AStreamThatHangsHoldsUpNoOther) {
  ManualClock clock;
  IngestThreads threads(clock);
  const auto one = threads.take();
  threads.start();
  const auto two = threads.take();
  const auto three = threads.take();
  std::promise<void> one_goes_on;
  std::promise<void> two_goes_on;
  // Every four seconds: whether they are alive, when those that run have answered.
  const auto look = [&](std::vector<boost::asio::io_context*> running) {
    clock.passed += seconds(4);
    const bool alive = threads.alive(seconds(5));
    for (boost::asio::io_context* loop : running) finish(*loop);
    return alive;
  };

  boost::asio::post(*one, [&] { one_goes_on.get_future().wait(); });
  EXPECT_TRUE(look({two.get(), three.get()}));
  EXPECT_TRUE(look({two.get(), three.get()})) << "one of three hangs";
  boost::asio::post(*two, [&] { two_goes_on.get_future().wait(); });
  EXPECT_TRUE(look({three.get()}));
  EXPECT_FALSE(look({three.get()})) << "two of three hang";
  one_goes_on.set_value();
  two_goes_on.set_value();
  threads.join();
}

TEST(IngestThreads, TheThreadOfAStreamThatIsGoneServesTheNext) {
  ManualClock clock;
  IngestThreads threads(clock);
  threads.start();
  auto one = threads.take();
  const auto two = threads.take();
  EXPECT_NE(one.get(), two.get());
  const boost::asio::io_context* const loop = one.get();
  one.reset();
  const auto next = threads.take();
  EXPECT_EQ(next.get(), loop);
  finish(*next);
  threads.join();
}

}  // namespace
}  // namespace livestream
