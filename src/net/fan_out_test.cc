#include "net/fan_out.h"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/set_clock_for_test.h"
#include "net/scripted_body_for_test.h"
#include "net/socket_pair_for_test.h"

namespace livestream::net {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kPatience{30};

class FanOutTest : public testing::Test {
 protected:
  struct Viewer {
    explicit Viewer(boost::asio::io_context& io) : pair(io) {}
    SocketPair pair;
    std::shared_ptr<Script> script = std::make_shared<Script>();
  };

  Viewer& add_viewer() {
    Viewer& viewer = *viewers_.emplace_back(std::make_unique<Viewer>(io_));
    fan_out_.add({.socket = viewer.pair.take_server(),
                  .permit = {admission_, boost::asio::ip::make_address("192.0.2.1")},
                  .framing = Framing::kIdentity,
                  .body = std::make_unique<ScriptedBody>(viewer.script)});
    return viewer;
  }
  // A viewer whose socket is full from now on.
  Viewer& add_stuck_viewer() {
    Viewer& viewer = add_viewer();
    viewer.script->parts = {std::string(std::size_t{1} << 20, 'm')};
    fan_out_.wake();
    poll();
    return viewer;
  }
  // Gives each viewer this part, and wakes them.
  void publish(const std::string& part) {
    for (const auto& viewer : viewers_) viewer->script->parts.push_back(part);
    fan_out_.wake();
  }
  // Runs what is ready.
  void poll() {
    io_.restart();
    io_.poll();
  }

  SetClock clock_;
  Admission admission_{{}, clock_};
  boost::asio::io_context io_{1};
  SendBatch sends_;
  std::vector<std::unique_ptr<Viewer>> viewers_;
  FanOut fan_out_{io_, clock_, 0ms, sends_};
};

TEST_F(FanOutTest, SendsANewViewerWhatIsThereAtOnce) {
  auto script = std::make_shared<Script>();
  script->parts = {"now"};
  SocketPair pair(io_);
  fan_out_.add({.socket = pair.take_server(),
                .permit = {admission_, boost::asio::ip::make_address("192.0.2.1")},
                .framing = Framing::kIdentity,
                .body = std::make_unique<ScriptedBody>(script)});
  EXPECT_EQ(pair.received(), "now");
  EXPECT_EQ(fan_out_.size(), 1u);
}

TEST_F(FanOutTest, AWakeServesEveryViewer) {
  // More than one batch of sends, and not a multiple of it.
  for (std::size_t i = 0; i < 2 * SendBatch::kMost + 7; ++i) add_viewer();
  for (int round = 0; round < 3; ++round) {
    publish("part" + std::to_string(round));
    poll();
    for (const auto& viewer : viewers_)
      EXPECT_EQ(viewer->pair.received(), "part" + std::to_string(round));
  }
}

TEST_F(FanOutTest, AViewerGetsAllThatItsBodyHas) {
  Viewer& behind = add_viewer();
  Viewer& live = add_viewer();
  behind.script->parts = {"a", "b", "c"};
  live.script->parts = {"c"};
  fan_out_.wake();
  EXPECT_EQ(behind.pair.received(), "abc");
  EXPECT_EQ(live.pair.received(), "c");
}

TEST_F(FanOutTest, AFullViewerDoesNotHoldUpTheOthers) {
  Viewer& before = add_viewer();
  Viewer& stuck = add_stuck_viewer();
  Viewer& after = add_viewer();
  publish("live");
  EXPECT_EQ(before.pair.received(), "live");
  EXPECT_EQ(after.pair.received(), "live");
  EXPECT_EQ(stuck.script->parts.size(), 1u) << "not pulled";
}

TEST_F(FanOutTest, AViewerThatReadsAgainGoesOn) {
  Viewer& slow = add_stuck_viewer();
  publish("live");
  std::string text;
  while (!text.ends_with("live")) {
    const std::string more = slow.pair.received();
    ASSERT_FALSE(more.empty());
    text += more;
    poll();
  }
  EXPECT_EQ(text.size(), (std::size_t{1} << 20) + 4);
}

TEST_F(FanOutTest, ForgetsViewersThatHaveLeft) {
  for (int i = 0; i < 5; ++i) add_viewer();
  viewers_[0]->pair.hang_up();
  viewers_[3]->pair.hang_up();
  publish("part");
  EXPECT_EQ(fan_out_.size(), 3u);
  EXPECT_TRUE(viewers_[3]->script->destroyed);
  for (const int left : {1, 2, 4})
    EXPECT_EQ(viewers_[static_cast<std::size_t>(left)]->pair.received(), "part");
}

TEST_F(FanOutTest, ClosesAViewerThatReadsNothingForLongerThanItsPatience) {
  Viewer& stuck = add_stuck_viewer();
  Viewer& quiet = add_viewer();
  clock_.advance(kPatience);
  fan_out_.sweep(kPatience);
  EXPECT_FALSE(stuck.script->destroyed);
  clock_.advance(1ms);
  fan_out_.sweep(kPatience);
  EXPECT_TRUE(stuck.script->destroyed);
  EXPECT_FALSE(quiet.script->destroyed) << "it has nothing to read";
  EXPECT_EQ(fan_out_.size(), 1u);
}

// Viewers whose pull takes so long that a round gives way to other work in its middle.
class FanOutUnderLoad : public FanOutTest {
 protected:
  static constexpr std::size_t kViewers = 3 * SendBatch::kMost;

  FanOutUnderLoad() {
    for (std::size_t i = 0; i < kViewers; ++i)
      add_viewer().script->on_pull = [this] { clock_.advance(100us); };
  }
  [[nodiscard]] std::size_t served() const {
    std::size_t count = 0;
    for (const auto& viewer : viewers_) count += viewer->script->parts.empty() ? 1u : 0u;
    return count;
  }
};

TEST_F(FanOutUnderLoad, ARoundGivesWayAndGoesOn) {
  publish("part");
  EXPECT_EQ(served(), SendBatch::kMost);
  poll();
  EXPECT_EQ(served(), kViewers);
}

TEST_F(FanOutUnderLoad, TheNextRoundComesLater) {
  publish("part");
  poll();
  // Each viewer was pulled once at 100 us, which may be 90 % of the time.
  EXPECT_NEAR(fan_out_.pace().count(), kViewers * 0.1 / 0.9, 0.1);
}

TEST_F(FanOutUnderLoad, APaceIsNotLongerThanTheLongest) {
  for (const auto& viewer : viewers_) viewer->script->on_pull = [this] { clock_.advance(10ms); };
  publish("part");
  poll();
  EXPECT_EQ(fan_out_.pace(), FanOut::kLongestPace);
}

TEST_F(FanOutUnderLoad, AWakeDuringARoundMakesAnother) {
  publish("one");
  publish("two");
  poll();
  for (const auto& viewer : viewers_) EXPECT_EQ(viewer->pair.received(), "onetwo");
}

TEST_F(FanOutUnderLoad, ClosesStuckViewersWhileRoundsRunAllTheTime) {
  // The round serves from the back, so the first has not been served and the last has.
  Viewer& first = *viewers_.front();
  Viewer& last = *viewers_.back();
  for (Viewer* viewer : {&first, &last})
    viewer->script->parts = {std::string(std::size_t{1} << 20, 'm')};
  fan_out_.wake();
  poll();
  clock_.advance(kPatience);
  publish("part");
  ASSERT_LT(served(), kViewers) << "in the middle of a round";
  fan_out_.sweep(kPatience);
  EXPECT_TRUE(first.script->destroyed);
  EXPECT_TRUE(last.script->destroyed);
  poll();
  EXPECT_EQ(fan_out_.size(), kViewers - 2);
  EXPECT_EQ(served(), kViewers - 2);
}

TEST_F(FanOutUnderLoad, AViewerThatJoinsDuringARoundIsServedOnce) {
  publish("part");
  Viewer& joining = add_viewer();
  joining.script->parts = {"late"};
  poll();
  EXPECT_EQ(joining.script->pulls, 1) << "when it joined";
  publish("next");
  poll();
  EXPECT_EQ(joining.pair.received(), "latenext");
}

TEST_F(FanOutUnderLoad, EndsInTheMiddleOfARound) {
  publish("part");
  fan_out_.end();
  poll();
  fan_out_.sweep(kPatience);
  EXPECT_EQ(fan_out_.size(), 0u);
  for (const auto& viewer : viewers_) EXPECT_TRUE(viewer->pair.ended());
}

TEST_F(FanOutUnderLoad, ClosesInTheMiddleOfARound) {
  publish("part");
  fan_out_.close();
  poll();
  EXPECT_EQ(fan_out_.size(), 0u);
}

TEST_F(FanOutTest, EndsResponsesAfterTheBatchUnderWay) {
  Viewer& stuck = add_stuck_viewer();
  Viewer& reader = add_viewer();
  publish("part");
  fan_out_.end();
  EXPECT_EQ(reader.pair.received(), "part");
  EXPECT_TRUE(reader.pair.ended());
  EXPECT_FALSE(stuck.script->destroyed);
  std::size_t size = 0;
  while (!stuck.script->destroyed) {
    const std::string more = stuck.pair.received();
    ASSERT_FALSE(more.empty());
    size += more.size();
    poll();
  }
  EXPECT_EQ(size + stuck.pair.received().size(), std::size_t{1} << 20);
  EXPECT_TRUE(stuck.pair.ended());
}

TEST_F(FanOutTest, RoundsKeepTheirInterval) {
  FanOut slow(io_, clock_, 20ms, sends_);
  auto script = std::make_shared<Script>();
  SocketPair pair(io_);
  slow.add({.socket = pair.take_server(),
            .permit = {admission_, boost::asio::ip::make_address("192.0.2.1")},
            .framing = Framing::kIdentity,
            .body = std::make_unique<ScriptedBody>(script)});
  const int joined = script->pulls;
  slow.wake();
  EXPECT_EQ(script->pulls, joined + 1);
  clock_.advance(19ms);
  slow.wake();
  slow.wake();
  EXPECT_EQ(script->pulls, joined + 1) << "too early";
  // The timer's own clock is past the time of the test.
  io_.restart();
  io_.run_one();
  EXPECT_EQ(script->pulls, joined + 2) << "both wakes are one round";
}

TEST_F(FanOutTest, PollsWaitersUntilTheyAreDone) {
  int polls = 0;
  fan_out_.add_waiter([&polls] { return ++polls == 3; });
  for (int i = 0; i < 5; ++i) {
    fan_out_.wake();
    clock_.advance(1ms);
  }
  EXPECT_EQ(polls, 3);
}

TEST_F(FanOutTest, PollsWaitersInASweepForAChannelThatNeverWakes) {
  int polls = 0;
  fan_out_.add_waiter([&polls] { return ++polls == 2; });
  for (int i = 0; i < 3; ++i) fan_out_.sweep(kPatience);
  EXPECT_EQ(polls, 2);
}

TEST_F(FanOutTest, AWaiterMayAddAViewerAndAnotherWaiter) {
  int second = 0;
  fan_out_.add_waiter([&] {
    (void)add_viewer();
    fan_out_.add_waiter([&second] { return ++second > 0; });
    return true;
  });
  fan_out_.wake();
  EXPECT_EQ(fan_out_.size(), 1u);
  EXPECT_EQ(second, 0);
  fan_out_.wake();
  EXPECT_EQ(second, 1);
}

TEST_F(FanOutTest, AViewerThatIsGoneAtOnceIsNotKept) {
  Viewer viewer(io_);
  viewer.script->parts = {"part"};
  viewer.pair.hang_up();
  fan_out_.add({.socket = viewer.pair.take_server(),
                .permit = {admission_, boost::asio::ip::make_address("192.0.2.1")},
                .framing = Framing::kIdentity,
                .body = std::make_unique<ScriptedBody>(viewer.script)});
  EXPECT_EQ(fan_out_.size(), 0u);
}

}  // namespace
}  // namespace livestream::net
