#include "net/waiting_room.h"

#include <array>
#include <sys/socket.h>
#include <utility>

#ifdef __linux__
#include <sys/epoll.h>
#endif

namespace livestream::net {
namespace {

// Whether there is something to read, rather than the end of the connection.
bool says_something(int descriptor) {
  char first;
  return ::recv(descriptor, &first, sizeof first, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace

#ifdef __linux__

WaitingRoom::WaitingRoom(boost::asio::io_context& io, OnRequest on_request)
    : io_(io), on_request_(std::move(on_request)), set_(io, ::epoll_create1(EPOLL_CLOEXEC)) {
  watch();
}

void WaitingRoom::watch() {
  set_.async_wait(set_.wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    // No more than these before other work gets its turn.
    std::array<epoll_event, 64> events;
    const int ready = ::epoll_wait(set_.native_handle(), events.data(), events.size(), 0);
    for (int i = 0; i < ready; ++i) leave(events[static_cast<std::size_t>(i)].data.fd);
    watch();
  });
}

void WaitingRoom::enter(Socket socket, Place place, SteadyTime deadline) {
  if (closed_) return;
  boost::system::error_code error;
  UniqueFd handle(socket.release(error));
  if (error) return;
  const int descriptor = handle.get();
  epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
  if (::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0) return;
  waiting_.emplace(descriptor, Waiting{std::move(handle), std::move(place), deadline});
}

void WaitingRoom::leave(int descriptor) {
  const auto found = waiting_.find(descriptor);
  if (found == waiting_.end()) return;
  if (!says_something(descriptor)) {
    (void)close(found);
    return;
  }
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  (void)::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, descriptor, nullptr);
  using boost::asio::ip::tcp;
  Socket socket(io_);
  boost::system::error_code error;
  socket.assign(waiting.place.address().is_v4() ? tcp::v4() : tcp::v6(), descriptor, error);
  if (error) return;
  (void)waiting.handle.release();
  on_request_(std::move(socket), std::move(waiting.place));
}

WaitingRoom::ByDescriptor::iterator WaitingRoom::close(ByDescriptor::iterator one) {
  // Closing alone would not do while a child process about to begin has a copy.
  (void)::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, one->first, nullptr);
  return waiting_.erase(one);
}

#else

WaitingRoom::WaitingRoom(boost::asio::io_context& io, OnRequest on_request)
    : io_(io), on_request_(std::move(on_request)) {}

void WaitingRoom::enter(Socket socket, Place place, SteadyTime deadline) {
  if (closed_) return;
  const int descriptor = socket.native_handle();
  const auto [entered, is_new] =
      waiting_.emplace(descriptor, Waiting{std::move(socket), std::move(place), deadline});
  entered->second.handle.async_wait(Socket::wait_read,
                                    [this, descriptor](const boost::system::error_code& error) {
                                      if (!error) leave(descriptor);
                                    });
}

void WaitingRoom::leave(int descriptor) {
  const auto found = waiting_.find(descriptor);
  if (found == waiting_.end()) return;
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  if (says_something(descriptor)) on_request_(std::move(waiting.handle), std::move(waiting.place));
}

WaitingRoom::ByDescriptor::iterator WaitingRoom::close(ByDescriptor::iterator one) {
  return waiting_.erase(one);
}

#endif

void WaitingRoom::close_late(SteadyTime now) {
  for (auto one = waiting_.begin(); one != waiting_.end();)
    one = now < one->second.deadline ? std::next(one) : close(one);
}

void WaitingRoom::close_some(std::size_t count) {
  for (auto one = waiting_.begin(); one != waiting_.end() && count > 0; --count) one = close(one);
}

void WaitingRoom::close() {
  closed_ = true;
  close_some(waiting_.size());
#ifdef __linux__
  boost::system::error_code ignored;
  set_.close(ignored);
#endif
}

}  // namespace livestream::net
