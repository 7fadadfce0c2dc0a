#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "net/shortage.h"
#include "net/socket.h"

namespace livestream::net {

// The listening sockets of a worker, each on a port that the workers share (SO_REUSEPORT). When
// descriptors run out, each socket waits on its own and then accepts again. On the worker's thread.
class Listeners {
 public:
  // Takes a new connection.
  using OnConnection = std::function<void(Socket socket)>;
  // Descriptors have run out: close connections that can be spared.
  using OnShortage = std::function<void()>;

  // `clock` outlives this.
  Listeners(boost::asio::io_context& io, const Clock& clock, Log log, OnConnection on_connection,
            OnShortage on_shortage);
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  // Before start(). Gives the port, which the system chooses for port 0. Fails when the address is
  // in use or does not belong to this machine.
  [[nodiscard]] Result<std::uint16_t> listen(const boost::asio::ip::tcp::endpoint& endpoint);
  void start();
  // Logs the end of a shortage. Called now and then.
  void check_shortage();
  void close();

 private:
  struct Listener {
    explicit Listener(boost::asio::io_context& io) : acceptor(io), retry(io) {}
    Acceptor acceptor;
    boost::asio::steady_timer retry;
  };

  void accept(Listener& listener);
  void pause(Listener& listener, const boost::system::error_code& error);

  boost::asio::io_context& io_;
  const Clock& clock_;
  const Log log_;
  const OnConnection on_connection_;
  const OnShortage on_shortage_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  Shortage shortage_;
};

}  // namespace livestream::net
