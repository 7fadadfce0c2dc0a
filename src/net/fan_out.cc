#include "net/fan_out.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace livestream::net {
namespace {

// With thousands of viewers none is in the cache when its turn comes: those to come are fetched
// while the kernel copies for others.
constexpr std::size_t kAhead = 2;
constexpr std::chrono::milliseconds kSlice{4};
// The share of a worker's time that rounds may take before they come less often.
constexpr double kRoundShare = 0.9;

}  // namespace

FanOut::FanOut(boost::asio::io_context& io, const Clock& clock, std::chrono::milliseconds interval,
               SendBatch& sends)
    : clock_(clock), interval_(interval), timer_(io), sends_(sends) {}

void FanOut::add(std::shared_ptr<StreamSession> session) {
  session->start();
  if (!session->closed()) sessions_.push_back(std::move(session));
}

void FanOut::add_waiter(std::function<bool()> poll) { waiters_.push_back(std::move(poll)); }

void FanOut::wake() {
  if (left_ || timer_runs_) {
    wake_again_ = true;
    return;
  }
  const SteadyTime now = clock_.now();
  if (now >= next_round_) return begin_round();
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
  round_began_ = clock_.now();
  left_ = sessions_.size();
  continue_round();
}

void FanOut::continue_round() {
  const SteadyTime slice_ends = clock_.now() + kSlice;
  // From the back, so that removing one moves only a session that has been served. Sessions that
  // join meanwhile stand behind and have served themselves.
  while (left_.value_or(0) > 0) {
    const std::size_t last = *left_;
    left_ = last - std::min(last, SendBatch::kMost);
    serve(*left_, last);
    if (clock_.now() >= slice_ends && *left_ > 0) {
      boost::asio::post(timer_.get_executor(), [this] { continue_round(); });
      return;
    }
  }
  left_.reset();
  const std::chrono::duration<double, std::milli> took = clock_.now() - round_began_;
  pace_ = std::min<std::chrono::duration<double, std::milli>>(took / kRoundShare, kLongestPace);
  pace_ = std::max<std::chrono::duration<double, std::milli>>(pace_, interval_);
  next_round_ = round_began_ + std::chrono::duration_cast<SteadyTime::duration>(pace_);
  if (wake_again_) {
    wake_again_ = false;
    wake();
  }
}

void FanOut::serve(std::size_t first, std::size_t last) {
  offering_.clear();
  for (std::size_t index = last; index-- > first;) {
    if (index >= 3 * kAhead) {
      sessions_[index - 3 * kAhead]->prefetch();
      sessions_[index - 2 * kAhead]->prefetch_body();
      sessions_[index - kAhead]->prefetch_source();
    }
    StreamSession& session = *sessions_[index];
    if (const std::optional<iovec> bytes = session.offer()) {
      sends_.add(session.socket(), *bytes);
      offering_.push_back(&session);
    }
  }
  const std::span<const int> results = sends_.send();
  for (std::size_t i = 0; i < offering_.size(); ++i) offering_[i]->wrote(results[i]);
  for (std::size_t index = last; index-- > first;) {
    if (sessions_[index]->closed()) remove(index);
  }
}

void FanOut::remove(std::size_t index) {
  std::swap(sessions_[index], sessions_.back());
  sessions_.pop_back();
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
  if (left_) return;  // a round is under way and does all that itself
  poll_waiters();
  const SteadyTime now = clock_.now();
  for (std::size_t index = sessions_.size(); index-- > 0;) {
    StreamSession& session = *sessions_[index];
    const SteadyTime since = session.blocked_since();
    if (since != SteadyTime::max() && now - since > patience) session.close();
    if (session.closed()) remove(index);
  }
}

}  // namespace livestream::net
