#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "net/send_batch.h"
#include "net/stream_session.h"

namespace livestream::net {

// The viewers of one channel on one worker, and the rounds in which they are served: one write per
// viewer per wake. When a round takes long the next one comes later (up to kLongestPace), so each
// viewer gets fewer and larger writes instead of falling behind. A round gives way to the worker's
// other work every few milliseconds. The worker's thread only.
class FanOut {
 public:
  static constexpr std::chrono::milliseconds kLongestPace{100};

  // `interval`: the shortest time between two rounds; zero: a round at each wake while the load
  // allows. `sends` is the worker's, which outlives this.
  FanOut(boost::asio::io_context& io, const Clock& clock, std::chrono::milliseconds interval,
         SendBatch& sends);

  // Adds a viewer, and sends it what there is at once.
  void add(StreamStart start);
  // Calls `poll` at each wake until it returns true.
  void add_waiter(std::function<bool()> poll);

  // The channel has something new.
  void wake();
  // Ends every viewer's response after the batch under way.
  void end();
  // Breaks every viewer's connection off.
  void close();
  // Closes viewers whose socket has taken nothing for longer than `patience`, during a round too,
  // and forgets viewers that have left, waiters that are done, and old batches. Called now and
  // then, because a channel may never wake.
  void sweep(std::chrono::seconds patience);

  [[nodiscard]] std::size_t size() const { return sessions_.size(); }
  // Whether nothing waits for the channel, and no round and no timer is under way.
  [[nodiscard]] bool unused() const {
    return sessions_.empty() && waiters_.empty() && !left_ && !timer_runs_;
  }
  // Shortest time between two rounds now.
  [[nodiscard]] std::chrono::duration<double, std::milli> pace() const { return pace_; }

 private:
  void poll_waiters();
  void begin_round();
  void continue_round();
  void end_round();
  // Serves sessions_[first] to sessions_[last - 1], and forgets those that have left.
  void serve(std::size_t first, std::size_t last);
  // Makes the sends of offering_, and offers again for the sessions that have more.
  void send();
  void remove_closed(std::size_t first, std::size_t last);

  const std::chrono::milliseconds interval_;
  boost::asio::steady_timer timer_;
  StreamSession::Delivery delivery_;
  // The sessions whose writes are in delivery_.sends, in its order.
  std::vector<StreamSession*> offering_;
  std::vector<std::shared_ptr<StreamSession>> sessions_;
  std::vector<std::function<bool()>> waiters_;

  // Sessions that the round under way has yet to serve; nothing between two rounds.
  std::optional<std::size_t> left_;
  // Woken during a round, or while the timer runs.
  bool wake_again_ = false;
  bool timer_runs_ = false;
  SteadyTime round_began_{};
  SteadyTime next_round_{};
  std::chrono::duration<double, std::milli> pace_{0};
};

}  // namespace livestream::net
