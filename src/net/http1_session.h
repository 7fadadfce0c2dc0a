#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/response.h"
#include "net/admission.h"
#include "net/exchange.h"
#include "net/socket.h"
#include "net/stream_session.h"

namespace livestream::net {

// One HTTP/1.x connection (RFC 9112) from a request's first byte to its answer's last, and on while
// more requests have come already (pipelining). Then it hands the connection over, to wait for the
// next request or to become a stream, and is destroyed with its parser and buffers. A pending
// operation keeps it alive. On the worker's thread.
class Http1Session : public std::enable_shared_from_this<Http1Session> {
 public:
  // The worker as a session sees it; outlives the session.
  struct Context {
    Exchange& exchange;
    // Takes a connection that waits for its next request.
    std::function<void(Socket socket, ConnectionPermit permit)> on_idle;
    // Takes a connection whose response is a stream.
    std::function<void(http::Channel channel, StreamStart start)> on_stream;
    // Calls `poll` at each wake of the channel until it returns true.
    std::function<void(http::Channel channel, std::function<bool()> poll)> on_pending;
    // The session is being destroyed.
    std::function<void(Http1Session* session)> on_gone;
    // The server is stopping: close each connection after the answer under way.
    bool draining = false;
  };

  Http1Session(Socket socket, ConnectionPermit permit, const Context& context);
  ~Http1Session();
  Http1Session(const Http1Session&) = delete;
  Http1Session& operator=(const Http1Session&) = delete;

  // Once, when there is something to read.
  void start();
  // Ends a phase that takes too long: a request with 408, a waiting answer by its last poll.
  // Called now and then.
  void check_deadline(SteadyTime now);
  // The server is stopping: close while the request is not complete, else after the answer.
  void drain();
  void close();

 private:
  enum class Phase { kReading, kWaiting, kWriting, kLingering };

  void begin_request();
  void read_more();
  void read_available();
  void parse_header();
  void on_header(const boost::system::error_code& error);
  void send_continue();
  void read_body();
  void on_request(const boost::system::error_code& error);
  void on_parse_error(const boost::system::error_code& error);
  void answer(http::Answer answer);
  [[nodiscard]] bool poll_pending();
  void refuse_late();
  void refuse(unsigned status, std::string_view line);
  void write(const http::Response& response);
  void on_written();
  void hand_over(http::StreamingResponse response);
  [[nodiscard]] std::string head_text(const http::ResponseHead& head,
                                      std::string_view more_headers) const;
  // Lets the client read the answer to a request that was not read to its end.
  void linger();
  void enter(Phase phase, SteadyTime deadline);
  [[nodiscard]] SteadyTime now() const { return context_.exchange.clock().now(); }

  Socket socket_;
  ConnectionPermit permit_;
  const Context& context_;
  Phase phase_ = Phase::kReading;
  SteadyTime deadline_ = SteadyTime::max();
  bool keep_alive_ = true;
  bool is_head_ = false;
  // The request's deadline has passed, and its read has been cancelled.
  bool timed_out_ = false;
  bool http_1_0_ = false;
  // See Exchange::Outcome.
  std::string websocket_accept_;

  struct Reading;
  std::unique_ptr<Reading> reading_;
  std::unique_ptr<http::PendingResponse> pending_;
  std::string head_;
  SharedBytes body_;
};

}  // namespace livestream::net
