#include "source/on_demand.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "base/memory.h"

namespace livestream {
namespace {

// How often within the linger time it is looked whether somebody wants the stream.
constexpr int kLooks = 10;

}  // namespace

OnDemand::OnDemand(boost::asio::io_context& ingest, std::unique_ptr<FragmentProducer> producer,
                   Stream& stream, const Demand& demand, std::chrono::milliseconds linger, Log log)
    : loop_(ingest),
      producer_(std::move(producer)),
      stream_(stream),
      demand_(demand),
      linger_(linger),
      log_(std::move(log)),
      look_timer_(ingest) {}

void OnDemand::start() {
  state_ = State::kResting;
  if (demand_.any()) wake();
}

void OnDemand::stop(std::function<void()> done) {
  look_timer_.cancel();
  switch (std::exchange(state_, State::kOff)) {
    case State::kRunning:
      return producer_->stop(std::move(done));
    case State::kEnding:
      stopped_ = std::move(done);
      return;
    case State::kResting:
    case State::kOff:
      boost::asio::post(loop_, std::move(done));
  }
}

void OnDemand::wake() {
  if (state_ != State::kResting) return;  // while it ends, rested() looks
  state_ = State::kRunning;
  looks_in_vain_ = 0;
  producer_->start();
  schedule_look();
}

void OnDemand::schedule_look() {
  look_timer_.expires_after(linger_ / kLooks);
  look_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled && state_ == State::kRunning) look();
  });
}

void OnDemand::look() {
  looks_in_vain_ = demand_.any() ? 0 : looks_in_vain_ + 1;
  if (looks_in_vain_ == kLooks) return rest();
  schedule_look();
}

void OnDemand::rest() {
  log_.info("nobody watches: the source rests", {{"stream", stream_.name()}});
  state_ = State::kEnding;
  producer_->stop([this] { rested(); });
}

void OnDemand::rested() {
  if (state_ == State::kOff) return stopped_();
  state_ = State::kResting;
  stream_.clear();
  if (demand_.any()) return wake();
  boost::asio::post(loop_, release_free_memory);
}

}  // namespace livestream
