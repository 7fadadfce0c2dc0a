#include "source/on_demand.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/memory.h"

namespace livestream {
namespace {

using std::chrono::milliseconds;

// Checks for viewers within the linger time, unless that is very short.
constexpr int kChecks = 10;
constexpr milliseconds kShortestPeriod{50};

}  // namespace

OnDemand::OnDemand(boost::asio::io_context& ingest, std::unique_ptr<FragmentProducer> producer,
                   Stream& stream, const Demand& demand, std::chrono::milliseconds linger, Log log)
    : loop_(ingest),
      producer_(std::move(producer)),
      stream_(stream),
      demand_(demand),
      linger_(linger),
      check_period_(std::max(linger / kChecks, kShortestPeriod)),
      log_(std::move(log)),
      check_timer_(ingest) {}

void OnDemand::start() {
  state_ = State::kStopped;
  if (demand_.any()) wake();
}

void OnDemand::stop(std::function<void()> done) {
  check_timer_.cancel();
  switch (std::exchange(state_, State::kOff)) {
    case State::kRunning:
      return producer_->stop(std::move(done));
    case State::kEnding:
      stopped_ = std::move(done);
      return;
    case State::kStopped:
    case State::kOff:
      boost::asio::post(loop_, std::move(done));
  }
}

void OnDemand::wake() {
  // While the producer is ending, on_stopped() checks for viewers.
  if (state_ != State::kStopped) return;
  state_ = State::kRunning;
  idle_checks_ = 0;
  producer_->start();
  schedule_check();
}

void OnDemand::schedule_check() {
  check_timer_.expires_after(check_period_);
  check_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled && state_ == State::kRunning) check();
  });
}

void OnDemand::check() {
  idle_checks_ = demand_.any() ? 0 : idle_checks_ + 1;
  if (idle_checks_ > 0 && idle_checks_ * check_period_ >= linger_) return stop_unwatched();
  schedule_check();
}

void OnDemand::stop_unwatched() {
  log_.info("no viewers: source stopped", {{"stream", stream_.name()}});
  state_ = State::kEnding;
  producer_->rest([this] { on_stopped(); });
}

void OnDemand::on_stopped() {
  if (state_ == State::kOff) return stopped_();
  state_ = State::kStopped;
  stream_.clear();
  if (demand_.any()) return wake();
  boost::asio::post(loop_, release_free_memory);
}

}  // namespace livestream
