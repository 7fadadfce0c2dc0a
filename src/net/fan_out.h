#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "net/framing.h"
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

  // Takes a viewer in and sends it what there is at once.
  void add(std::shared_ptr<StreamSession> session);
  // Calls `poll` at each wake until it returns true.
  void add_waiter(std::function<bool()> poll);

  // The channel has something new.
  void wake();
  // Ends every viewer's response after the batch under way.
  void end();
  void close();
  // Closes viewers whose socket has taken nothing for `patience`, and lets go of those that have
  // left, and of waiters that are done: a channel may never wake.
  void sweep(std::chrono::seconds patience);

  [[nodiscard]] std::size_t size() const { return sessions_.size(); }
  // Shortest time between two rounds now.
  [[nodiscard]] std::chrono::duration<double, std::milli> pace() const { return pace_; }

  // For the sessions.
  [[nodiscard]] std::shared_ptr<const FramedBatch> frame(
      const std::shared_ptr<const SharedBlocks>& blocks, Framing framing) {
    return framing_.frame(blocks, framing);
  }
  [[nodiscard]] std::vector<iovec>& scratch() { return scratch_; }
  [[nodiscard]] SteadyTime now() const { return clock_.now(); }

 private:
  void poll_waiters();
  void begin_round();
  void continue_round();
  // Serves sessions_[first] to sessions_[last - 1], and lets go of those that have left.
  void serve(std::size_t first, std::size_t last);
  void remove(std::size_t index);

  const Clock& clock_;
  const std::chrono::milliseconds interval_;
  boost::asio::steady_timer timer_;
  FramingCache framing_;
  SendBatch& sends_;
  std::vector<StreamSession*> offering_;  // whose writes are in sends_
  std::vector<iovec> scratch_;
  std::vector<std::shared_ptr<StreamSession>> sessions_;
  std::vector<std::function<bool()>> waiters_;

  std::optional<std::size_t> left_;  // sessions that the round under way has yet to serve
  bool wake_again_ = false;          // woken during a round, or while the timer runs
  bool timer_runs_ = false;
  SteadyTime round_began_{};
  SteadyTime next_round_{};
  std::chrono::duration<double, std::milli> pace_{0};
};

}  // namespace livestream::net
