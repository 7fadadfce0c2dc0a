#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <sys/socket.h>
#include <sys/uio.h>

#include <boost/asio/ip/tcp.hpp>

namespace livestream::net {

// A worker's sockets run on its own io_context, so they need no type-erased executor.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;

// Never waits, and a peer that has gone is an error, not a signal.
constexpr int kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;

// One non-blocking gathered write of at most IOV_MAX buffers. Bytes taken, or an error as -errno.
[[nodiscard]] int send_now(int fd, std::span<const iovec> buffers);
// What the result of a send means: bytes taken, 0 when the socket can take nothing now, nothing
// when the connection is broken.
[[nodiscard]] std::optional<std::size_t> bytes_taken(int result);
[[nodiscard]] std::optional<std::size_t> write_now(Socket& socket, std::span<const iovec> buffers);
// What has come, as far as it fits: bytes, 0 when there is nothing yet, nothing when the peer sends
// no more or the connection is broken. `room` is not empty.
[[nodiscard]] std::optional<std::size_t> read_now(Socket& socket, std::span<char> room);

// "192.0.2.1:50000", "[2001:db8::1]:50000".
[[nodiscard]] std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace livestream::net
