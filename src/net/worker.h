#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "http/response.h"
#include "net/admission.h"
#include "net/fan_out.h"
#include "net/send_batch.h"
#include "net/socket.h"
#include "net/waiting_room.h"

namespace livestream::net {

class Http1Session;
class Worker;

// Tells a worker, from any thread, that a channel has something new. Calls before the worker gets
// to it are one.
class Waker {
 public:
  Waker(boost::asio::io_context& io, FanOut& fan_out) : io_(io), fan_out_(fan_out) {}
  void wake();

 private:
  boost::asio::io_context& io_;
  FanOut& fan_out_;
  std::atomic<bool> pending_{false};
};

// One thread that serves: its own event loop, its own listening sockets on the shared port
// (SO_REUSEPORT), its sessions and its viewers. Members are of that thread (run()'s) unless said
// otherwise.
class Worker {
 public:
  struct Options {
    std::chrono::milliseconds delivery_interval{0};  // see FanOut
  };

  // `clock` and `admission`, which all workers share, outlive the worker.
  Worker(Options options, Admission& admission, const Clock& clock, Log log);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Before run(). It is called on the worker's thread.
  void set_handler(std::unique_ptr<http::Handler> handler) { handler_ = std::move(handler); }
  // Before run(). The port that it got, for port 0. Fails when the address is in use or not this
  // machine's.
  [[nodiscard]] Result<std::uint16_t> listen(const boost::asio::ip::tcp::endpoint& endpoint);

  // Serves until drained. Blocks.
  void run();

  // Before run(). What wakes the viewers of `channel` on this worker; goes before the worker.
  [[nodiscard]] std::unique_ptr<Waker> make_waker(http::Channel channel);
  // Any thread. Stops listening, ends every response whose viewer reads, and makes run() return
  // when all connections have ended, at the latest after `patience`.
  void drain(std::chrono::milliseconds patience);

  // Any thread. When the worker last came round; it does so twice a second.
  [[nodiscard]] SteadyTime last_tick() const {
    return SteadyTime(SteadyTime::duration(last_tick_.load(std::memory_order_relaxed)));
  }

  // Any thread.
  struct Counters {
    std::uint64_t connections = 0;
    std::uint64_t accepted = 0;
    std::uint64_t requests = 0;
    double pace_ms = 0;
    bool io_uring = false;
  };
  [[nodiscard]] Counters counters() const;

  // For the sessions.
  [[nodiscard]] http::Handler& handler() { return *handler_; }
  [[nodiscard]] Admission& admission() { return admission_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] SteadyTime now() const { return clock_.now(); }
  [[nodiscard]] bool draining() const { return draining_; }
  [[nodiscard]] FanOut& fan_out(http::Channel channel);
  // Between two requests of a connection; then it gets another session.
  void wait_for_request(Socket socket, Place place);
  void enrol(Http1Session* session) { sessions_.insert(session); }
  void dismiss(Http1Session* session) { sessions_.erase(session); }
  void count_request() { requests_.fetch_add(1, std::memory_order_relaxed); }

 private:
  void accept(Acceptor& acceptor);
  void pause_accepting(Acceptor& acceptor, const boost::system::error_code& error);
  void take_in(Socket socket);
  void begin_session(Socket socket, Place place);
  [[nodiscard]] std::size_t viewers() const;
  void tick();
  void begin_drain(std::chrono::milliseconds patience);
  void check_drained(SteadyTime deadline);
  void count_connections();
  void give_memory_back(SteadyTime now);

  const Options options_;
  Admission& admission_;
  const Clock& clock_;
  const Log log_;
  boost::asio::io_context io_{1};
  std::unique_ptr<http::Handler> handler_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  boost::asio::steady_timer tick_timer_{io_};
  boost::asio::steady_timer accept_timer_{io_};
  SendBatch sends_;
  std::unordered_map<http::Channel, std::unique_ptr<FanOut>> fan_outs_;
  std::unordered_set<Http1Session*> sessions_;
  WaitingRoom waiting_room_;
  bool draining_ = false;
  bool accept_paused_ = false;
  SteadyTime next_release_{};
  std::pair<std::uint64_t, std::uint64_t> seen_at_release_;  // accepted_ and connections_

  // Written by the worker's thread, read by any.
  std::atomic<SteadyTime::rep> last_tick_{0};
  std::atomic<std::uint64_t> connections_{0};
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<double> pace_ms_{0};
  std::atomic<bool> io_uring_{false};
};

}  // namespace livestream::net
