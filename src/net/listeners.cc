#include "net/listeners.h"

#include <sys/socket.h>
#include <utility>

#include <fmt/format.h>

namespace livestream::net {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kPause{100};
// Accept up to this many at once; otherwise each new connection waits for a slice of a round.
constexpr int kAcceptsAtOnce = 64;

bool is_shortage(const boost::system::error_code& error) {
  return error == boost::asio::error::no_descriptors ||
         error == boost::system::errc::too_many_files_open_in_system ||
         error == boost::asio::error::no_memory || error == boost::asio::error::no_buffer_space;
}

}  // namespace

Listeners::Listeners(boost::asio::io_context& io, const Clock& clock, Log log,
                     OnConnection on_connection, OnShortage on_shortage)
    : io_(io),
      clock_(clock),
      log_(std::move(log)),
      on_connection_(std::move(on_connection)),
      on_shortage_(std::move(on_shortage)) {}

Result<std::uint16_t> Listeners::listen(const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  auto listener = std::make_unique<Listener>(io_);
  Acceptor& acceptor = listener->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    set_option(acceptor.native_handle(), SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (endpoint.protocol() == tcp::v6())
      set_option(acceptor.native_handle(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    acceptor.bind(endpoint, error);
  }
  if (!error) acceptor.listen(Acceptor::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error)
    return fail(fmt::format("cannot listen on {}: {}", to_string(endpoint), error.message()));
  const std::uint16_t port = acceptor.local_endpoint().port();
  listeners_.push_back(std::move(listener));
  return port;
}

void Listeners::start() {
  for (const auto& listener : listeners_) accept(*listener);
}

void Listeners::accept(Listener& listener) {
  listener.acceptor.async_wait(
      Acceptor::wait_read, [this, &listener](boost::system::error_code error) {
        if (error == boost::asio::error::operation_aborted || !listener.acceptor.is_open()) return;
        for (int accepted = 0; accepted < kAcceptsAtOnce && !error; ++accepted) {
          Socket socket(io_);
          listener.acceptor.accept(socket, error);
          if (!error) on_connection_(std::move(socket));
        }
        if (is_shortage(error)) return pause(listener, error);
        accept(listener);
      });
}

void Listeners::pause(Listener& listener, const boost::system::error_code& error) {
  if (shortage_.begins(clock_.now())) {
    log_.error(
        "cannot accept more connections: raise the limit of open files (ulimit -n) or lower "
        "MAX_CLIENTS",
        {{"error", error.message()}});
  }
  on_shortage_();
  listener.retry.expires_after(kPause);
  listener.retry.async_wait([this, &listener](const boost::system::error_code& stopped) {
    if (!stopped && listener.acceptor.is_open()) accept(listener);
  });
}

void Listeners::check_shortage() {
  if (shortage_.is_over(clock_.now())) log_.info("accepting connections again");
}

void Listeners::close() {
  boost::system::error_code ignored;
  for (const auto& listener : listeners_) {
    listener->acceptor.close(ignored);
    listener->retry.cancel();
  }
}

}  // namespace livestream::net
