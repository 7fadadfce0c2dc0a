#include "net/worker.h"

#include <algorithm>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "base/memory.h"
#include "net/http1_session.h"

namespace livestream::net {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kTick{500};
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kDrainLook{10};
// A viewer whose socket has taken nothing for this long is gone, whatever its network says.
constexpr std::chrono::seconds kViewerPatience{30};
// What may wait in the kernel unsent: without it seconds of stale video hide where no cursor can
// skip them.
constexpr int kUnsentLimit = 64 * 1024;

// Connections taken before other work gets its turn: one at a time, each would wait behind a slice
// of a round.
constexpr int kAcceptsAtOnce = 64;
// How often memory that the connections of the past needed is given back.
constexpr std::chrono::seconds kReleaseInterval{5};
constexpr std::size_t kSocketsAtHand = 512;
constexpr std::chrono::seconds kIdleTimeout{60};
// Idle connections that give way when descriptors have run out.
constexpr std::size_t kIdleClosedAtOnce = 64;
constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Type: text/plain; "
    "charset=utf-8\r\n"
    "Content-Length: 43\r\nConnection: close\r\n\r\ntoo many connections from your one address\n";

bool is_exhausted(const boost::system::error_code& error) {
  return error == boost::asio::error::no_descriptors ||
         error == boost::system::errc::too_many_files_open_in_system ||
         error == boost::asio::error::no_memory || error == boost::asio::error::no_buffer_space;
}

// What Asio needs for a socket it keeps for its next one. Made one by one amid the sessions of a
// crowd, each of these blocks would hold a page of the heap for ever; made at once, they are
// neighbours. It takes their descriptors for a moment, so it comes before anything else needs some.
void keep_sockets_at_hand(boost::asio::io_context& io) {
  std::vector<Socket> sockets;
  boost::system::error_code error;
  for (std::size_t i = 0; i < kSocketsAtHand && !error; ++i)
    sockets.emplace_back(io).open(tcp::v4(), error);
}

void set_option(int fd, int level, int name, int value) {
  (void)::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

void Waker::wake() {
  if (pending_.exchange(true, std::memory_order_acq_rel)) return;
  boost::asio::post(io_, [this] {
    pending_.store(false, std::memory_order_release);
    fan_out_.wake();
  });
}

Worker::Worker(Options options, Admission& admission, const Clock& clock, Log log)
    : options_(options),
      admission_(admission),
      clock_(clock),
      log_(std::move(log)),
      waiting_room_(io_, [this](Socket socket, Place place) {
        begin_session(std::move(socket), std::move(place));
      }) {
  keep_sockets_at_hand(io_);
}

Worker::~Worker() = default;

Result<std::uint16_t> Worker::listen(const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  auto acceptor = std::make_unique<Acceptor>(io_);
  acceptor->open(endpoint.protocol(), error);
  if (!error) {
    set_option(acceptor->native_handle(), SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(acceptor->native_handle(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (endpoint.protocol() == tcp::v6())
      set_option(acceptor->native_handle(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    acceptor->bind(endpoint, error);
  }
  if (!error) acceptor->listen(Acceptor::max_listen_connections, error);
  if (!error) acceptor->non_blocking(true, error);
  if (error)
    return fail(fmt::format("cannot listen on {}: {}", to_string(endpoint), error.message()));
  const std::uint16_t port = acceptor->local_endpoint().port();
  acceptors_.push_back(std::move(acceptor));
  return port;
}

void Worker::run() {
  for (const auto& acceptor : acceptors_) accept(*acceptor);
  tick();
  io_.run();
  // Viewers who did not read, and what waits for them: broken off, and their last handlers run,
  // while all that they refer to is there.
  waiting_room_.close();
  const std::vector<Http1Session*> sessions(sessions_.begin(), sessions_.end());
  for (Http1Session* session : sessions) session->close();
  for (const auto& [channel, fan_out] : fan_outs_) fan_out->close();
  tick_timer_.cancel();
  accept_timer_.cancel();
  io_.restart();
  io_.run();
}

void Worker::accept(Acceptor& acceptor) {
  acceptor.async_wait(Acceptor::wait_read, [this, &acceptor](boost::system::error_code error) {
    if (draining_ || error == boost::asio::error::operation_aborted) return;
    for (int taken = 0; taken < kAcceptsAtOnce && !error; ++taken) {
      Socket socket(io_);
      acceptor.accept(socket, error);
      if (!error) take_in(std::move(socket));
    }
    if (is_exhausted(error)) return pause_accepting(acceptor, error);
    accept(acceptor);
  });
}

void Worker::pause_accepting(Acceptor& acceptor, const boost::system::error_code& error) {
  if (!std::exchange(accept_paused_, true)) {
    log_.error(
        "cannot take more connections: raise the limit of open files (ulimit -n) or lower "
        "MAX_CLIENTS",
        {{"error", error.message()}});
  }
  waiting_room_.close_some(kIdleClosedAtOnce);
  accept_timer_.expires_after(kAcceptPause);
  accept_timer_.async_wait([this, &acceptor](const boost::system::error_code& stopped) {
    if (!stopped) accept(acceptor);
  });
}

void Worker::take_in(Socket socket) {
  if (std::exchange(accept_paused_, false)) log_.info("taking connections again");
  accepted_.fetch_add(1, std::memory_order_relaxed);
  boost::system::error_code gone;
  const tcp::endpoint peer = socket.remote_endpoint(gone);
  if (gone) return;
  if (!admission_.admit(peer.address())) {
    const iovec refusal{.iov_base = const_cast<char*>(kTooManyConnections.data()),
                        .iov_len = kTooManyConnections.size()};
    (void)write_now(socket, {&refusal, 1});
    return;
  }
  set_option(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, 1);
#ifdef TCP_NOTSENT_LOWAT
  set_option(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentLimit);
#endif
  wait_for_request(std::move(socket), Place(admission_, peer.address()));
}

void Worker::begin_session(Socket socket, Place place) {
  std::make_shared<Http1Session>(std::move(socket), std::move(place), *this)->start();
}

std::size_t Worker::viewers() const {
  std::size_t count = 0;
  for (const auto& [channel, fan_out] : fan_outs_) count += fan_out->size();
  return count;
}

void Worker::wait_for_request(Socket socket, Place place) {
  waiting_room_.enter(std::move(socket), std::move(place), now() + kIdleTimeout);
}

void Worker::tick() {
  const SteadyTime now = clock_.now();
  last_tick_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  waiting_room_.close_late(now);
  // A session may go when its deadline is called.
  const std::vector<Http1Session*> sessions(sessions_.begin(), sessions_.end());
  for (Http1Session* session : sessions) {
    if (sessions_.contains(session)) session->check_deadline(now);
  }
  for (const auto& [channel, fan_out] : fan_outs_) fan_out->sweep(kViewerPatience);
  count_connections();
  give_memory_back(now);
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const boost::system::error_code& error) {
    // While draining, an expired timer's handler can run after the loop was stopped, and must not
    // keep the thread by waiting anew.
    if (!error && !draining_) tick();
  });
}

void Worker::count_connections() {
  double pace = 0;
  for (const auto& [channel, fan_out] : fan_outs_) pace = std::max(pace, fan_out->pace().count());
  const std::size_t connections = waiting_room_.size() + sessions_.size() + viewers();
  connections_.store(connections, std::memory_order_relaxed);
  pace_ms_.store(pace, std::memory_order_relaxed);
  io_uring_.store(sends_.by_ring(), std::memory_order_relaxed);
}

void Worker::give_memory_back(SteadyTime now) {
  if (now < next_release_) return;
  next_release_ = now + kReleaseInterval;
  const std::pair<std::uint64_t, std::uint64_t> seen(accepted_, connections_);
  if (std::exchange(seen_at_release_, seen) == seen) return;
  waiting_room_.shrink();
  release_free_memory();
}

Worker::Counters Worker::counters() const {
  return {.connections = connections_.load(std::memory_order_relaxed),
          .accepted = accepted_.load(std::memory_order_relaxed),
          .requests = requests_.load(std::memory_order_relaxed),
          .pace_ms = pace_ms_.load(std::memory_order_relaxed),
          .io_uring = io_uring_.load(std::memory_order_relaxed)};
}

FanOut& Worker::fan_out(http::Channel channel) {
  std::unique_ptr<FanOut>& fan_out = fan_outs_[channel];
  if (fan_out == nullptr)
    fan_out = std::make_unique<FanOut>(io_, clock_, options_.delivery_interval, sends_);
  return *fan_out;
}

std::unique_ptr<Waker> Worker::make_waker(http::Channel channel) {
  return std::make_unique<Waker>(io_, fan_out(channel));
}

void Worker::drain(std::chrono::milliseconds patience) {
  boost::asio::post(io_, [this, patience] { begin_drain(patience); });
}

void Worker::begin_drain(std::chrono::milliseconds patience) {
  draining_ = true;
  boost::system::error_code ignored;
  for (const auto& acceptor : acceptors_) acceptor->close(ignored);
  waiting_room_.close();
  const std::vector<Http1Session*> sessions(sessions_.begin(), sessions_.end());
  for (Http1Session* session : sessions) {
    if (sessions_.contains(session)) session->drain();
  }
  for (const auto& [channel, fan_out] : fan_outs_) fan_out->end();
  check_drained(clock_.now() + patience);
}

void Worker::check_drained(SteadyTime deadline) {
  for (const auto& [channel, fan_out] : fan_outs_) fan_out->sweep(kViewerPatience);
  if (sessions_.size() + viewers() == 0 || clock_.now() >= deadline) return io_.stop();
  accept_timer_.expires_after(kDrainLook);
  accept_timer_.async_wait([this, deadline](const boost::system::error_code& error) {
    if (!error) check_drained(deadline);
  });
}

}  // namespace livestream::net
