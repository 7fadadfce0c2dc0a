#include "net/socket.h"

#include <cerrno>

#include <fmt/format.h>

namespace livestream::net {

void set_option(int descriptor, int level, int name, int value) {
  (void)::setsockopt(descriptor, level, name, &value, sizeof value);
}

msghdr message_of(std::span<const iovec> buffers) {
  msghdr message{};
  // sendmsg() does not write to the list.
  message.msg_iov = const_cast<iovec*>(buffers.data());
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(buffers.size());
  return message;
}

int send_now(int fd, std::span<const iovec> buffers) {
  const msghdr message = message_of(buffers);
  for (;;) {
    const ssize_t sent = buffers.size() == 1
                             ? ::send(fd, buffers[0].iov_base, buffers[0].iov_len, kSendFlags)
                             : ::sendmsg(fd, &message, kSendFlags);
    if (sent >= 0) return static_cast<int>(sent);
    if (errno != EINTR) return -errno;
  }
}

std::optional<std::size_t> bytes_taken(int result) {
  if (result >= 0) return static_cast<std::size_t>(result);
  if (result == -EAGAIN || result == -EWOULDBLOCK || result == -ENOBUFS) return 0;
  return std::nullopt;
}

std::optional<std::size_t> read_now(Socket& socket, std::span<char> room) {
  for (;;) {
    const ssize_t size = ::recv(socket.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
    if (size > 0) return static_cast<std::size_t>(size);
    if (size == 0) return std::nullopt;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return std::nullopt;
  }
}

std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    const auto v4 = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    return fmt::format("{}:{}", v4.to_string(), endpoint.port());
  }
  if (address.is_v6()) return fmt::format("[{}]:{}", address.to_string(), endpoint.port());
  return fmt::format("{}:{}", address.to_string(), endpoint.port());
}

}  // namespace livestream::net
