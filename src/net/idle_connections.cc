#include "net/idle_connections.h"

#include <array>
#include <sys/socket.h>
#include <utility>

#ifdef __linux__
#include <sys/epoll.h>
#endif

namespace livestream::net {
namespace {

// So many of the oldest connections are asked whether they are silent.
constexpr int kProbes = 8;

// Whether there is something to read, rather than the end of the connection.
bool has_bytes(int descriptor) {
  char first;
  return ::recv(descriptor, &first, sizeof first, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace

void IdleConnections::enter(int descriptor, Connection connection) {
  const bool is_one_too_many = connection.permit.is_one_too_many();
  Line& line = by_client_[connection.permit.client()].of(connection.permit);
  connection.place = line.insert(line.end(), descriptor);
  connections_.emplace(descriptor, std::move(connection));
  if (is_one_too_many) close_oldest(line);
}

IdleConnections::Connection IdleConnections::remove(ByDescriptor::iterator found) {
  Connection connection = std::move(found->second);
  connections_.erase(found);
  const auto client = by_client_.find(connection.permit.client());
  Lines& lines = client->second;
  lines.of(connection.permit).erase(connection.place);
  if (lines.fresh.empty() && lines.kept.empty()) by_client_.erase(client);
  return connection;
}

// The newest one stays, and so do those whose next request has come already. Where other workers
// hold all older ones, none goes.
void IdleConnections::close_oldest(const Line& line) {
  auto descriptor = line.begin();
  for (int probe = 0; probe < kProbes && std::next(descriptor) != line.end(); ++probe) {
    if (!has_bytes(*descriptor)) {
      (void)close(connections_.find(*descriptor));
      return;
    }
    ++descriptor;
  }
}

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
  enter(descriptor, {std::move(handle), std::move(permit), deadline});
}

void IdleConnections::on_readable(int descriptor) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  if (!has_bytes(descriptor)) {
    (void)close(found);
    return;
  }
  Connection connection = remove(found);
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
  const auto next = std::next(connection);
  (void)remove(connection);
  return next;
}

#else

IdleConnections::IdleConnections(boost::asio::io_context& io, OnRequest on_request)
    : io_(io), on_request_(std::move(on_request)) {}

void IdleConnections::add(Socket socket, ConnectionPermit permit, SteadyTime deadline) {
  if (closed_) return;
  const int descriptor = socket.native_handle();
  enter(descriptor, {std::move(socket), std::move(permit), deadline});
  connections_.at(descriptor)
      .handle.async_wait(Socket::wait_read,
                         [this, descriptor](const boost::system::error_code& error) {
                           if (!error) on_readable(descriptor);
                         });
}

void IdleConnections::on_readable(int descriptor) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  Connection connection = remove(found);
  if (has_bytes(descriptor))
    on_request_(std::move(connection.handle), std::move(connection.permit));
}

IdleConnections::ByDescriptor::iterator IdleConnections::close(ByDescriptor::iterator connection) {
  const auto next = std::next(connection);
  (void)remove(connection);
  return next;
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
