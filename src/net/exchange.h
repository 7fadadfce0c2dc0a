#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "base/clock.h"
#include "http/response.h"
#include "net/admission.h"

namespace livestream::net {

// The part of answering a request that does not depend on the protocol that carried it: the limit
// of its client, its method and address, who its client is, whether it becomes a WebSocket, and the
// handler. No I/O. One per worker, on its thread; requests() on any.
class Exchange {
 public:
  // A complete request as a session has read it.
  struct Incoming {
    // Without path, query, remote address and time of receipt.
    http::Request request;
    // As sent (RFC 9112 §3.2).
    std::string_view target;
    // Whether the protocol can upgrade to another (RFC 9110 §7.8).
    bool can_upgrade = false;
    boost::asio::ip::tcp::endpoint peer;
    // The connection's; outlives the call.
    ConnectionPermit& permit;
  };
  struct Outcome {
    http::Answer answer;
    // The connection must not carry another request.
    bool close = false;
    // For an answer that is a stream of WebSocket messages: Sec-WebSocket-Accept. Else empty.
    std::string websocket_accept{};
  };

  // `clock` outlives this.
  explicit Exchange(const Clock& clock) : clock_(clock) {}

  // Before the first request.
  void set_handler(std::unique_ptr<http::Handler> handler) { handler_ = std::move(handler); }

  [[nodiscard]] Outcome answer(Incoming incoming);

  [[nodiscard]] const Clock& clock() const { return clock_; }
  // Requests that came whole since the start, refused ones included.
  [[nodiscard]] std::uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] Outcome handle(const http::Request& request, bool can_upgrade);

  const Clock& clock_;
  std::unique_ptr<http::Handler> handler_;
  std::atomic<std::uint64_t> requests_{0};
};

// The client of a request: the peer as "192.0.2.1:50000", or, where trusted proxies forwarded it,
// the address that the outermost of them saw, with port 0. X-Forwarded-For is read from the right,
// because each proxy appends the address of its own client, and only as far as the proxies are
// trusted: anything before that may be forged.
[[nodiscard]] std::string client_address(const http::Request& request,
                                         const boost::asio::ip::tcp::endpoint& peer,
                                         const ConnectionPermit& permit);

}  // namespace livestream::net
