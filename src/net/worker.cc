#include "net/worker.h"

#include <algorithm>
#include <array>
#include <netinet/tcp.h>
#include <string_view>
#include <vector>

#include <boost/asio/post.hpp>

#include "base/memory.h"

namespace livestream::net {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kTick{500};
constexpr std::chrono::milliseconds kDrainCheckInterval{10};
// A viewer whose socket has taken nothing for this long has left, even if its network does not
// tell.
constexpr std::chrono::seconds kViewerPatience{30};
// The most unsent bytes in the kernel per connection. Without a limit, seconds of old video would
// wait there, where a cursor cannot skip them.
constexpr int kUnsentLimit = 64 * 1024;
constexpr std::chrono::seconds kReleaseInterval{5};
constexpr std::size_t kPreparedSockets = 512;
constexpr std::chrono::seconds kIdleTimeout{60};
// Idle connections that are closed when descriptors have run out.
constexpr std::size_t kIdleClosedAtOnce = 64;
constexpr std::string_view kTooManyRequests =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Type: text/plain; "
    "charset=utf-8\r\nAnswered-By: livestream-server\r\nAccess-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: Answered-By, Retry-After\r\n"
    "Content-Length: 50\r\nConnection: close\r\n\r\n"
    "too many requests of one address at the same time\n";

// Makes Asio allocate, side by side, the blocks that it keeps and reuses for sockets. Allocated one
// by one among the sessions of a crowd, each block would keep a page of the heap in use until the
// process ends. Uses descriptors for a moment, so it comes before anything else needs some.
void prepare_sockets(boost::asio::io_context& io) {
  std::vector<Socket> sockets;
  boost::system::error_code error;
  for (std::size_t i = 0; i < kPreparedSockets && !error; ++i)
    sockets.emplace_back(io).open(tcp::v4(), error);
}

}  // namespace

void Waker::wake() {
  if (pending_.exchange(true, std::memory_order_acq_rel)) return;
  boost::asio::post(worker_.io_, [self = shared_from_this()] {
    self->pending_.store(false, std::memory_order_release);
    self->worker_.wake(self->channel_);
  });
}

Worker::Worker(Options options, Admission& admission, const Clock& clock, Log log)
    : options_(options),
      admission_(admission),
      clock_(clock),
      exchange_(clock),
      context_{.exchange = exchange_,
               .on_idle =
                   [this](Socket socket, ConnectionPermit permit) {
                     permit.become_idle();
                     add_idle(std::move(socket), std::move(permit));
                   },
               .on_stream =
                   [this](http::Channel channel, StreamStart start) {
                     start.permit.become_stream();
                     fan_out(channel).add(std::move(start));
                   },
               .on_pending =
                   [this](http::Channel channel, std::function<bool()> poll) {
                     fan_out(channel).add_waiter(std::move(poll));
                   },
               .on_gone = [this](Http1Session* session) { sessions_.erase(session); }},
      idle_(io_,
            [this](Socket socket, ConnectionPermit permit) {
              begin_session(std::move(socket), std::move(permit));
            }),
      listeners_(
          io_, clock, std::move(log), [this](Socket socket) { admit(std::move(socket)); },
          [this] { idle_.close_some(kIdleClosedAtOnce); }) {
  prepare_sockets(io_);
}

Worker::~Worker() = default;

void Worker::run() {
  listeners_.start();
  tick();
  io_.run();
  // Break off the viewers that did not read and all that waits, and run their last handlers while
  // everything they refer to still exists.
  idle_.close();
  for_each_session([](Http1Session& session) { session.close(); });
  for (const auto& [channel, fan_out] : fan_outs_) fan_out->close();
  tick_timer_.cancel();
  drain_timer_.cancel();
  io_.restart();
  io_.run();
}

template <typename Function>
void Worker::for_each_session(Function function) {
  // A call may destroy sessions.
  const std::vector<Http1Session*> sessions(sessions_.begin(), sessions_.end());
  for (Http1Session* session : sessions) {
    if (sessions_.contains(session)) function(*session);
  }
}

void Worker::admit(Socket socket) {
  accepted_.fetch_add(1, std::memory_order_relaxed);
  boost::system::error_code gone;
  const tcp::endpoint peer = socket.remote_endpoint(gone);
  if (gone) return;
  set_option(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, 1);
#ifdef TCP_NOTSENT_LOWAT
  set_option(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentLimit);
#endif
  add_idle(std::move(socket), ConnectionPermit(admission_, peer.address()));
}

void Worker::add_idle(Socket socket, ConnectionPermit permit) {
  idle_.add(std::move(socket), std::move(permit), clock_.now() + kIdleTimeout);
}

void Worker::begin_session(Socket socket, ConnectionPermit permit) {
  if (!permit.begin_request()) return refuse(std::move(socket));
  const auto session =
      std::make_shared<Http1Session>(std::move(socket), std::move(permit), context_);
  sessions_.insert(session.get());
  session->start();
}

void Worker::refuse(Socket socket) {
  const iovec refusal{.iov_base = const_cast<char*>(kTooManyRequests.data()),
                      .iov_len = kTooManyRequests.size()};
  (void)send_now(socket.native_handle(), {&refusal, 1});
  // Closing with unread bytes would reset the connection, and the client would not see the answer.
  std::array<char, 4096> unread;
  (void)read_now(socket, unread);
}

std::size_t Worker::viewers() const {
  std::size_t count = 0;
  for (const auto& [channel, fan_out] : fan_outs_) count += fan_out->size();
  return count;
}

void Worker::tick() {
  const SteadyTime now = clock_.now();
  last_tick_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  listeners_.check_shortage();
  idle_.close_overdue(now);
  for_each_session([now](Http1Session& session) { session.check_deadline(now); });
  for (const auto& [channel, fan_out] : fan_outs_) fan_out->sweep(kViewerPatience);
  forget_unused_channels();
  count_connections();
  release_memory(now);
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const boost::system::error_code& error) {
    // While draining, the handler of an expired timer can run after the loop was stopped, and
    // another wait would keep run() from returning.
    if (!error && !context_.draining) tick();
  });
}

void Worker::count_connections() {
  double pace = 0;
  for (const auto& [channel, fan_out] : fan_outs_) pace = std::max(pace, fan_out->pace().count());
  connections_.store(idle_.size() + sessions_.size() + viewers(), std::memory_order_relaxed);
  pace_ms_.store(pace, std::memory_order_relaxed);
  io_uring_.store(sends_.by_ring(), std::memory_order_relaxed);
}

void Worker::release_memory(SteadyTime now) {
  if (now < next_release_) return;
  next_release_ = now + kReleaseInterval;
  const std::pair<std::uint64_t, std::uint64_t> seen(accepted_, connections_);
  if (std::exchange(seen_at_release_, seen) == seen) return;
  idle_.release_memory();
  release_free_memory();
}

Worker::Counters Worker::counters() const {
  return {.connections = connections_.load(std::memory_order_relaxed),
          .accepted = accepted_.load(std::memory_order_relaxed),
          .requests = exchange_.requests(),
          .pace_ms = pace_ms_.load(std::memory_order_relaxed),
          .io_uring = io_uring_.load(std::memory_order_relaxed)};
}

FanOut& Worker::fan_out(http::Channel channel) {
  std::unique_ptr<FanOut>& fan_out = fan_outs_[channel];
  if (fan_out == nullptr)
    fan_out = std::make_unique<FanOut>(io_, clock_, options_.delivery_interval, sends_);
  return *fan_out;
}

void Worker::wake(http::Channel channel) {
  const auto found = fan_outs_.find(channel);
  if (found != fan_outs_.end()) found->second->wake();
}

void Worker::forget_unused_channels() {
  std::erase_if(fan_outs_, [](const auto& entry) { return entry.second->unused(); });
}

void Worker::drain(std::chrono::milliseconds patience) {
  boost::asio::post(io_, [this, patience] { begin_drain(patience); });
}

void Worker::begin_drain(std::chrono::milliseconds patience) {
  context_.draining = true;
  listeners_.close();
  idle_.close();
  for_each_session([](Http1Session& session) { session.drain(); });
  for (const auto& [channel, fan_out] : fan_outs_) fan_out->end();
  check_drained(clock_.now() + patience);
}

void Worker::check_drained(SteadyTime deadline) {
  for (const auto& [channel, fan_out] : fan_outs_) fan_out->sweep(kViewerPatience);
  if (sessions_.size() + viewers() == 0 || clock_.now() >= deadline) return io_.stop();
  drain_timer_.expires_after(kDrainCheckInterval);
  drain_timer_.async_wait([this, deadline](const boost::system::error_code& error) {
    if (!error) check_drained(deadline);
  });
}

}  // namespace livestream::net
