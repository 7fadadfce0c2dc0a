#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <sys/uio.h>

#include <boost/asio/ip/tcp.hpp>

namespace livestream::net {

// A worker's sockets run on its own io_context, so they need no type-erased executor.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;

// One non-blocking gathered write. Bytes taken, 0 when the socket can take nothing now, nothing
// when the connection is broken. At most IOV_MAX buffers.
[[nodiscard]] std::optional<std::size_t> write_now(Socket& socket, std::span<const iovec> buffers);

// "192.0.2.1:50000", "[2001:db8::1]:50000".
[[nodiscard]] std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace livestream::net
