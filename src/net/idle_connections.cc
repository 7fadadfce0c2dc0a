#include "net/idle_connections.h"

#include <array>
#include <sys/socket.h>
#include <utility>

#ifdef __linux__
#include <sys/epoll.h>
#endif

namespace livestream::net {
namespace {

// Whether there is something to read, rather than the end of the connection.
bool has_bytes(int descriptor) {
  char first;
  return ::recv(descriptor, &first, sizeof first, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace

#ifdef __linux__

IdleConnections::IdleConnections(boost::asio::io_context& io, OnRequest on_request)
    : io_(io), on_request_(std::move(on_request)), set_(io, ::epoll_create1(EPOLL_CLOEXEC)) {
  watch();
}

void IdleConnections::watch() {
  set_.async_wait(set_.wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    // A limit, so that other work gets its turn.
    std::array<epoll_event, 64> events;
    const int ready = ::epoll_wait(set_.native_handle(), events.data(), events.size(), 0);
    for (int i = 0; i < ready; ++i) on_readable(events[static_cast<std::size_t>(i)].data.fd);
    watch();
  });
}

void IdleConnections::add(Socket socket, ConnectionPermit permit, SteadyTime deadline) {
  if (closed_) return;
  boost::system::error_code error;
  UniqueFd handle(socket.release(error));
  if (error) return;
  const int descriptor = handle.get();
  epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
  if (::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0) return;
  connections_.emplace(descriptor, Connection{std::move(handle), std::move(permit), deadline});
}

void IdleConnections::on_readable(int descriptor) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  if (!has_bytes(descriptor)) {
    (void)close(found);
    return;
  }
  Connection connection = std::move(found->second);
  connections_.erase(found);
  (void)::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, descriptor, nullptr);
  using boost::asio::ip::tcp;
  Socket socket(io_);
  boost::system::error_code error;
  socket.assign(connection.permit.address().is_v4() ? tcp::v4() : tcp::v6(), descriptor, error);
  if (error) return;
  (void)connection.handle.release();
  on_request_(std::move(socket), std::move(connection.permit));
}

IdleConnections::ByDescriptor::iterator IdleConnections::close(ByDescriptor::iterator connection) {
  // Closing the descriptor does not remove it from the set while a child process that is about to
  // start has a copy.
  (void)::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, connection->first, nullptr);
  return connections_.erase(connection);
}

#else

IdleConnections::IdleConnections(boost::asio::io_context& io, OnRequest on_request)
    : io_(io), on_request_(std::move(on_request)) {}

void IdleConnections::add(Socket socket, ConnectionPermit permit, SteadyTime deadline) {
  if (closed_) return;
  const int descriptor = socket.native_handle();
  const auto [entered, is_new] =
      connections_.emplace(descriptor, Connection{std::move(socket), std::move(permit), deadline});
  entered->second.handle.async_wait(Socket::wait_read,
                                    [this, descriptor](const boost::system::error_code& error) {
                                      if (!error) on_readable(descriptor);
                                    });
}

void IdleConnections::on_readable(int descriptor) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  Connection connection = std::move(found->second);
  connections_.erase(found);
  if (has_bytes(descriptor))
    on_request_(std::move(connection.handle), std::move(connection.permit));
}

IdleConnections::ByDescriptor::iterator IdleConnections::close(ByDescriptor::iterator connection) {
  return connections_.erase(connection);
}

#endif

void IdleConnections::close_overdue(SteadyTime now) {
  for (auto one = connections_.begin(); one != connections_.end();)
    one = now < one->second.deadline ? std::next(one) : close(one);
}

void IdleConnections::close_some(std::size_t count) {
  for (auto one = connections_.begin(); one != connections_.end() && count > 0; --count)
    one = close(one);
}

void IdleConnections::close() {
  closed_ = true;
  close_some(connections_.size());
#ifdef __linux__
  boost::system::error_code ignored;
  set_.close(ignored);
#endif
}

}  // namespace livestream::net
