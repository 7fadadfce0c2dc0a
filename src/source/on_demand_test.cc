#include "source/on_demand.h"

#include <chrono>
#include <functional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using namespace std::chrono_literals;

constexpr auto kLinger = 50ms;

// Feeds the stream one picture with each start; its stop ends when `let_stop` says so.
class FakeProducer final : public FragmentProducer {
 public:
  explicit FakeProducer(Stream& stream) : stream_(stream) {}

  void start() override {
    EXPECT_FALSE(running);
    running = true;
    ++starts;
    stream_.publish({.sequence = stream_.newest() + 1,
                     .track_id = kVideoTrackId,
                     .independent = true,
                     .decode_time = {starts * 1000, 1000},
                     .duration = {33, 1000},
                     .arrived = {},
                     .bytes = SharedBytes("picture")});
  }
  void stop(std::function<void()> done) override {
    EXPECT_TRUE(running);
    done_ = std::move(done);
    ++stops;
  }
  void rest(std::function<void()> done) override {
    ++rests;
    stop(std::move(done));
  }
  void let_stop() {
    running = false;
    std::exchange(done_, nullptr)();
  }

  bool running = false;
  int starts = 0;
  int stops = 0;
  int rests = 0;

 private:
  Stream& stream_;
  std::function<void()> done_;
};

class OnDemandTest : public ::testing::Test {
 protected:
  OnDemandTest() {
    StreamDescription description;
    description.tracks.push_back(Track{.kind = TrackKind::kVideo, .timescale = 1000});
    stream_.describe(std::move(description));
    auto producer = std::make_unique<FakeProducer>(stream_);
    producer_ = producer.get();
    on_demand_ = std::make_unique<OnDemand>(loop_, std::move(producer), stream_, *demand_, kLinger,
                                            Log::silent());
  }

  bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit = 5s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      const auto left = end - std::chrono::steady_clock::now();
      if (left <= 0ms) return false;
      loop_.restart();
      loop_.run_one_for(left);
    }
    return true;
  }
  bool run_until_it_is_to_rest(int times = 1) {
    return run_until([this, times] { return producer_->stops == times; });
  }

  boost::asio::io_context loop_{1};
  Stream stream_{"demo", "e"};
  std::shared_ptr<Demand> demand_ = std::make_shared<Demand>(
      [this] { boost::asio::post(loop_, [this] { on_demand_->wake(); }); });
  FakeProducer* producer_ = nullptr;
  std::unique_ptr<OnDemand> on_demand_;
};

TEST_F(OnDemandTest, NothingRunsBeforeSomebodyWantsIt) {
  on_demand_->start();
  EXPECT_FALSE(run_until([this] { return producer_->starts > 0; }, 2 * kLinger));
  const Demand::Claim claim = demand_->claim();
  EXPECT_EQ(producer_->starts, 0) << "that is the ingest thread's affair";
  EXPECT_TRUE(run_until([this] { return producer_->running; }));
}

TEST_F(OnDemandTest, WhoWantsItBeforeItIsStartedGetsIt) {
  const Demand::Claim claim = demand_->claim();
  loop_.poll();
  EXPECT_EQ(producer_->starts, 0);
  on_demand_->start();
  EXPECT_EQ(producer_->starts, 1);
}

TEST_F(OnDemandTest, OneProducerServesAllAndRestsWhenTheLastHasLeft) {
  on_demand_->start();
  Demand::Claim first = demand_->claim();
  Demand::Claim second = demand_->claim();
  EXPECT_TRUE(run_until([this] { return producer_->running; }));
  first.reset();
  EXPECT_FALSE(run_until([this] { return producer_->stops > 0; }, 3 * kLinger));
  second.reset();
  ASSERT_TRUE(run_until_it_is_to_rest());
  EXPECT_TRUE(stream_.ready());
  producer_->let_stop();
  EXPECT_FALSE(stream_.ready()) << "the next viewer would take an old picture for a new one";
  EXPECT_EQ(producer_->rests, 1) << "the producer may keep a picture for the next viewer";
  EXPECT_EQ(producer_->starts, 1);
}

TEST_F(OnDemandTest, WithoutALingerItIsLookedAtNowAndThenOnly) {
  on_demand_ = std::make_unique<OnDemand>(loop_, std::make_unique<FakeProducer>(stream_), stream_,
                                          *demand_, 0ms, Log::silent());
  Demand::Claim claim = demand_->claim();
  on_demand_->start();
  EXPECT_LT(loop_.run_for(500ms), 20u);
  EXPECT_TRUE(stream_.ready());
  claim.reset();
  loop_.restart();
  EXPECT_GT(loop_.run_for(500ms), 0u);
  loop_.restart();
  EXPECT_EQ(loop_.run_for(200ms), 0u) << "checks go on after the stop";
}

TEST_F(OnDemandTest, WakesAgainOnTheSameStream) {
  on_demand_->start();
  (void)demand_->claim();
  ASSERT_TRUE(run_until_it_is_to_rest());
  producer_->let_stop();
  const std::uint64_t before = stream_.newest();
  const Demand::Claim claim = demand_->claim();
  ASSERT_TRUE(run_until([this] { return producer_->starts == 2; }));
  EXPECT_TRUE(stream_.ready());
  EXPECT_GT(stream_.newest(), before);
}

TEST_F(OnDemandTest, WhoComesWhileItEndsWaitsForTheEnd) {
  on_demand_->start();
  (void)demand_->claim();
  ASSERT_TRUE(run_until_it_is_to_rest());
  const Demand::Claim claim = demand_->claim();
  loop_.restart();
  loop_.poll();
  EXPECT_EQ(producer_->starts, 1);
  producer_->let_stop();
  EXPECT_EQ(producer_->starts, 2);
  loop_.restart();
  loop_.poll();
  EXPECT_EQ(producer_->starts, 2);
}

TEST_F(OnDemandTest, StopsFromEveryState) {
  bool stopped = false;
  const auto stop = [&] { on_demand_->stop([&stopped] { stopped = true; }); };
  on_demand_->start();
  stop();
  EXPECT_FALSE(stopped) << "never from within stop";
  EXPECT_TRUE(run_until([&] { return stopped; })) << "at rest";

  stopped = false;
  on_demand_->start();
  const Demand::Claim claim = demand_->claim();
  ASSERT_TRUE(run_until([this] { return producer_->running; }));
  stop();
  EXPECT_FALSE(stopped);
  producer_->let_stop();
  EXPECT_TRUE(stopped) << "running";
  EXPECT_EQ(producer_->rests, 0) << "no viewer comes after it";
}

TEST_F(OnDemandTest, StoppedWhileItEndsItDoesNotWakeAgain) {
  on_demand_->start();
  (void)demand_->claim();
  ASSERT_TRUE(run_until_it_is_to_rest());
  bool stopped = false;
  on_demand_->stop([&stopped] { stopped = true; });
  const Demand::Claim claim = demand_->claim();
  loop_.restart();
  loop_.poll();
  EXPECT_FALSE(stopped);
  producer_->let_stop();
  EXPECT_TRUE(stopped);
  EXPECT_EQ(producer_->starts, 1);
}

}  // namespace
}  // namespace livestream
