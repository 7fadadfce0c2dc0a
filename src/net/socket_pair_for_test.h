#pragma once

#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "net/socket.h"

namespace livestream::net {

// A connection without a network: what one end sends has arrived at the other when send() returns.
class SocketPair {
 public:
  explicit SocketPair(boost::asio::io_context& io) : server_(io) {
    int descriptors[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors), 0);
    // The protocol does not matter to Asio once the socket is open.
    server_.assign(boost::asio::ip::tcp::v4(), descriptors[0]);
    client_ = UniqueFd(descriptors[1]);
  }

  // The server's end holds a few thousand bytes from now on.
  void use_small_buffer() { set_option(server_.native_handle(), SOL_SOCKET, SO_SNDBUF, 1); }
  // The server's end, once.
  [[nodiscard]] Socket take_server() { return std::move(server_); }
  [[nodiscard]] int server_descriptor() { return server_.native_handle(); }

  void send(std::string_view text) const {
    EXPECT_EQ(::send(client_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // All bytes that the client has received and not read yet.
  [[nodiscard]] std::string received() {
    std::string text;
    char bytes[4096];
    for (;;) {
      const ssize_t size = ::recv(client_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (size == 0) ended_ = true;
      if (size <= 0) return text;
      text.append(bytes, static_cast<std::size_t>(size));
    }
  }
  // Whether the server sends no more. Drops bytes that have not been read.
  [[nodiscard]] bool ended() {
    (void)received();
    return ended_;
  }
  void stop_sending() const { ::shutdown(client_.get(), SHUT_WR); }
  void hang_up() { client_ = UniqueFd(); }

 private:
  Socket server_;
  UniqueFd client_;
  bool ended_ = false;
};

}  // namespace livestream::net
