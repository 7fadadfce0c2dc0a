#include "net/socket.h"

#include <cerrno>
#include <sys/socket.h>

#include <fmt/format.h>

namespace livestream::net {

namespace {

constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;

}  // namespace

std::optional<std::size_t> write_now(Socket& socket, std::span<const iovec> buffers) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(buffers.data());
  message.msg_iovlen = buffers.size();
  for (;;) {
    const ssize_t sent = buffers.size() == 1 ? ::send(socket.native_handle(), buffers[0].iov_base,
                                                      buffers[0].iov_len, kFlags)
                                             : ::sendmsg(socket.native_handle(), &message, kFlags);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return 0;
    return std::nullopt;
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
