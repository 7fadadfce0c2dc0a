#include "net/fan_out.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace livestream::net {
namespace {

// With thousands of viewers a session is not in the processor's cache when its turn comes, so the
// next ones are fetched while the kernel copies for others.
constexpr std::size_t kAhead = 2;
constexpr std::chrono::milliseconds kSlice{4};
// The share of a worker's time that rounds may take before they come less often.
constexpr double kRoundShare = 0.9;

}  // namespace

FanOut::FanOut(boost::asio::io_context& io, const Clock& clock, std::chrono::milliseconds interval,
               SendBatch& sends)
    : interval_(interval), timer_(io), delivery_{.clock = clock, .sends = sends} {}

void FanOut::add(StreamStart start) {
  auto session = std::make_shared<StreamSession>(std::move(start), delivery_);
  session->start();
  if (!session->closed()) sessions_.push_back(std::move(session));
}

void FanOut::add_waiter(std::function<bool()> poll) { waiters_.push_back(std::move(poll)); }

void FanOut::wake() {
  if (left_ || timer_runs_) {
    wake_again_ = true;
    return;
  }
  if (delivery_.clock.now() >= next_round_) return begin_round();
  timer_runs_ = true;
  timer_.expires_at(next_round_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    timer_runs_ = false;
    if (!error) begin_round();
  });
}

void FanOut::poll_waiters() {
  if (waiters_.empty()) return;
  // A waiter that has its answer may add a session or another waiter.
  std::vector<std::function<bool()>> waiters = std::exchange(waiters_, {});
  for (auto& poll : waiters) {
    if (!poll()) waiters_.push_back(std::move(poll));
  }
}

void FanOut::begin_round() {
  wake_again_ = false;
  poll_waiters();
  round_began_ = delivery_.clock.now();
  left_ = sessions_.size();
  continue_round();
}

void FanOut::continue_round() {
  const SteadyTime slice_ends = delivery_.clock.now() + kSlice;
  // From the back, so that a removed session is replaced by one that has been served. A session
  // that joins during the round stands behind and has been served by start().
  while (left_.value_or(0) > 0) {
    const std::size_t last = *left_;
    left_ = last - std::min(last, SendBatch::kMost);
    serve(*left_, last);
    if (delivery_.clock.now() >= slice_ends && *left_ > 0) {
      boost::asio::post(timer_.get_executor(), [this] { continue_round(); });
      return;
    }
  }
  if (left_) end_round();
}

void FanOut::end_round() {
  left_.reset();
  const std::chrono::duration<double, std::milli> took = delivery_.clock.now() - round_began_;
  pace_ = std::min<std::chrono::duration<double, std::milli>>(took / kRoundShare, kLongestPace);
  pace_ = std::max<std::chrono::duration<double, std::milli>>(pace_, interval_);
  next_round_ = round_began_ + std::chrono::duration_cast<SteadyTime::duration>(pace_);
  if (std::exchange(wake_again_, false)) wake();
}

void FanOut::serve(std::size_t first, std::size_t last) {
  for (std::size_t index = last; index-- > first;) {
    if (index >= 3 * kAhead) {
      sessions_[index - 3 * kAhead]->prefetch();
      sessions_[index - 2 * kAhead]->prefetch_body();
      sessions_[index - kAhead]->prefetch_source();
    }
    StreamSession& session = *sessions_[index];
    if (session.offer()) offering_.push_back(&session);
  }
  while (!offering_.empty()) send();
  remove_closed(first, last);
}

void FanOut::send() {
  const std::span<const int> results = delivery_.sends.send();
  std::size_t with_more = 0;
  for (std::size_t i = 0; i < offering_.size(); ++i) {
    if (offering_[i]->wrote(results[i])) offering_[with_more++] = offering_[i];
  }
  std::size_t offered = 0;
  for (std::size_t i = 0; i < with_more; ++i) {
    if (offering_[i]->offer()) offering_[offered++] = offering_[i];
  }
  offering_.resize(offered);
}

void FanOut::remove_closed(std::size_t first, std::size_t last) {
  for (std::size_t index = last; index-- > first;) {
    if (!sessions_[index]->closed()) continue;
    std::swap(sessions_[index], sessions_.back());
    sessions_.pop_back();
  }
}

void FanOut::end() {
  for (const auto& session : sessions_) session->end();
}

void FanOut::close() {
  for (const auto& session : sessions_) session->close();
  sessions_.clear();
  waiters_.clear();
  left_.reset();
  timer_.cancel();
}

void FanOut::sweep(std::chrono::seconds patience) {
  poll_waiters();
  const SteadyTime now = delivery_.clock.now();
  for (const auto& session : sessions_) {
    const SteadyTime since = session->blocked_since();
    if (since != SteadyTime::max() && now - since > patience) session->close();
  }
  // The round under way counts on the places of those that it has yet to serve.
  remove_closed(left_.value_or(0), sessions_.size());
  delivery_.framing.forget_unused();
}

}  // namespace livestream::net
