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

// Do not wait; a peer that has gone is an error, not a signal.
constexpr int kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;

// Sets a socket option of type int. A socket works without it, so an error is not reported.
void set_option(int descriptor, int level, int name, int value);

// The argument of sendmsg() for these buffers, which must stay.
[[nodiscard]] msghdr message_of(std::span<const iovec> buffers);
// Makes one non-blocking gathered send of at most IOV_MAX buffers. Gives the bytes taken, or an
// error as -errno.
[[nodiscard]] int send_now(int fd, std::span<const iovec> buffers);
// The meaning of such a result: bytes taken, 0 when the socket can take nothing now, nothing when
// the connection is broken.
[[nodiscard]] std::optional<std::size_t> bytes_taken(int result);
// Reads the bytes that have arrived, as far as they fit into `room`, which is not empty. Gives
// their number, 0 when there are none yet, nothing when the peer sends no more or the connection is
// broken.
[[nodiscard]] std::optional<std::size_t> read_now(Socket& socket, std::span<char> room);

// "192.0.2.1:50000", "[2001:db8::1]:50000".
[[nodiscard]] std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace livestream::net
