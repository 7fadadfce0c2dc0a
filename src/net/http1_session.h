#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "http/response.h"
#include "net/admission.h"
#include "net/socket.h"

namespace livestream::net {

class Worker;

// One HTTP/1.x connection (RFC 9112) while it asks for small resources: reads a request, has it
// answered, writes the answer, and again while more has come (pipelining). When nothing has, it
// hands the socket back to its worker, and when the answer is a stream, to a StreamSession; then it
// is gone, with its parser and buffers. Keeps itself alive by its pending operation; registered
// with its worker, on the worker's thread.
class Http1Session : public std::enable_shared_from_this<Http1Session> {
 public:
  Http1Session(Socket socket, Place place, Worker& worker);
  ~Http1Session();
  Http1Session(const Http1Session&) = delete;
  Http1Session& operator=(const Http1Session&) = delete;

  // Once, when there is something to read.
  void start();
  // Called now and then: ends what takes too long, a header with 408, a waiting answer with its
  // last word.
  void check_deadline(SteadyTime now);
  // The server is stopping: close while no request has come whole, else after the answer under way.
  void drain();
  void close();

 private:
  enum class Phase { kReading, kWaiting, kWriting, kLingering };

  void begin_request();
  void read_more();
  void take_what_came();
  void parse_header();
  void on_header(const boost::system::error_code& error);
  void say_continue();
  void read_body();
  void on_request(const boost::system::error_code& error);
  void on_parse_error(const boost::system::error_code& error);
  // The peer's, or the one that a trusted proxy tells of.
  [[nodiscard]] std::string client_address(const http::Request& request) const;
  // Whether the request may be answered: its upgrade, if it asks for one, is in order.
  [[nodiscard]] bool take_upgrade(const http::Request& request);
  void answer(http::Answer answer);
  [[nodiscard]] bool poll_pending();
  void refuse_late();
  void refuse(unsigned status, std::string_view line);
  void write(const http::Response& response);
  void stream(http::StreamingResponse response);
  [[nodiscard]] std::string head_text(const http::ResponseHead& head,
                                      std::string_view more_headers) const;
  // Lets the client read the answer to a request that we did not read to its end.
  void linger();
  void enter(Phase phase, SteadyTime deadline);

  Socket socket_;
  Place place_;
  Worker& worker_;
  Phase phase_ = Phase::kReading;
  SteadyTime deadline_ = SteadyTime::max();
  bool keep_alive_ = true;
  bool is_head_ = false;
  bool timed_out_ = false;
  bool http_1_0_ = false;
  std::string
      websocket_accept_;  // the request asks for an upgrade, and this is the answer to its key

  struct Reading;
  std::unique_ptr<Reading> reading_;
  std::unique_ptr<http::PendingResponse> pending_;
  std::string head_;
  SharedBytes body_;
};

}  // namespace livestream::net
