#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "http/response.h"
#include "net/admission.h"
#include "net/exchange.h"
#include "net/fan_out.h"
#include "net/http1_session.h"
#include "net/idle_connections.h"
#include "net/listeners.h"
#include "net/send_batch.h"
#include "net/socket.h"

namespace livestream::net {

class Worker;

// Tells a worker, from any thread, that a channel has something new. Calls that come before the
// worker handles the first are handled together. The worker outlives the last call.
class Waker : public std::enable_shared_from_this<Waker> {
 public:
  Waker(Worker& worker, http::Channel channel) : worker_(worker), channel_(channel) {}
  void wake();

 private:
  Worker& worker_;
  const http::Channel channel_;
  std::atomic<bool> pending_{false};
};

// One thread that serves: its own event loop, its own listening sockets on the shared port
// (SO_REUSEPORT), its connections and its viewers. Unless a comment says otherwise, members belong
// to that thread, which is the caller of run().
class Worker {
 public:
  struct Options {
    // See FanOut.
    std::chrono::milliseconds delivery_interval{0};
  };

  // `clock` and `admission`, which all workers share, outlive the worker.
  Worker(Options options, Admission& admission, const Clock& clock, Log log);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Before run(). The handler is called on the worker's thread.
  void set_handler(std::unique_ptr<http::Handler> handler) {
    exchange_.set_handler(std::move(handler));
  }
  // Before run(). See Listeners.
  [[nodiscard]] Result<std::uint16_t> listen(const boost::asio::ip::tcp::endpoint& endpoint) {
    return listeners_.listen(endpoint);
  }

  // Serves until drained. Blocks.
  void run();

  // Any thread. Wakes the viewers of `channel` on this worker.
  [[nodiscard]] std::shared_ptr<Waker> make_waker(http::Channel channel) {
    return std::make_shared<Waker>(*this, channel);
  }
  // Any thread. Stops listening, ends the response of each viewer that reads, and makes run()
  // return when all connections have ended, at the latest after `patience`.
  void drain(std::chrono::milliseconds patience);

  // Any thread. The time of the latest tick; the worker ticks twice a second.
  [[nodiscard]] SteadyTime last_tick() const {
    return SteadyTime(SteadyTime::duration(last_tick_.load(std::memory_order_relaxed)));
  }

  struct Counters {
    std::uint64_t connections = 0;
    std::uint64_t accepted = 0;
    std::uint64_t requests = 0;
    double pace_ms = 0;
    bool io_uring = false;
  };
  // Any thread.
  [[nodiscard]] Counters counters() const;

 private:
  friend class Waker;

  void wake(http::Channel channel);
  void forget_unused_channels();
  void admit(Socket socket);
  void add_idle(Socket socket, ConnectionPermit permit);
  void begin_session(Socket socket, ConnectionPermit permit);
  void refuse(Socket socket);
  [[nodiscard]] FanOut& fan_out(http::Channel channel);
  template <typename Function>
  void for_each_session(Function function);
  [[nodiscard]] std::size_t viewers() const;
  void tick();
  void begin_drain(std::chrono::milliseconds patience);
  void check_drained(SteadyTime deadline);
  void count_connections();
  void release_memory(SteadyTime now);

  const Options options_;
  Admission& admission_;
  const Clock& clock_;
  Exchange exchange_;
  std::unordered_set<Http1Session*> sessions_;
  Http1Session::Context context_;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer tick_timer_{io_};
  boost::asio::steady_timer drain_timer_{io_};
  SendBatch sends_;
  std::unordered_map<http::Channel, std::unique_ptr<FanOut>> fan_outs_;
  IdleConnections idle_;
  Listeners listeners_;
  SteadyTime next_release_{};
  // accepted_ and connections_ at the latest release of memory.
  std::pair<std::uint64_t, std::uint64_t> seen_at_release_;

  // Written by the worker's thread, read by any.
  std::atomic<SteadyTime::rep> last_tick_{0};
  std::atomic<std::uint64_t> connections_{0};
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<double> pace_ms_{0};
  std::atomic<bool> io_uring_{false};
};

}  // namespace livestream::net
