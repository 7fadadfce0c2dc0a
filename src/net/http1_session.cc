#include "net/http1_session.h"

#include <array>
#include <utility>
#include <variant>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "net/stream_session.h"
#include "net/websocket.h"
#include "net/worker.h"

namespace livestream::net {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::size_t kHeaderLimit = 16 * 1024;
constexpr std::size_t kTargetLimit = 8 * 1024;
constexpr std::size_t kBodyLimit = 4 * 1024;
constexpr std::chrono::seconds kIdleTimeout{60};
constexpr std::chrono::seconds kRequestTimeout{10};
constexpr std::chrono::seconds kWriteTimeout{30};
constexpr std::chrono::seconds kLingerTimeout{2};

std::string date_now(const Clock& clock) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(clock.wall_now())));
}

}  // namespace

struct Http1Session::Reading {
  boost::beast::flat_buffer buffer{kHeaderLimit +
                                   kBodyLimit};  // what has come; may hold the next requests too
  std::optional<beast_http::request_parser<beast_http::string_body>> parser;
};

Http1Session::Http1Session(Socket socket, Place place, Worker& worker)
    : socket_(std::move(socket)), place_(std::move(place)), worker_(worker) {
  worker_.enrol(this);
}

Http1Session::~Http1Session() { worker_.dismiss(this); }

void Http1Session::enter(Phase phase, SteadyTime deadline) {
  phase_ = phase;
  deadline_ = deadline;
}

void Http1Session::wait_for_request() {
  if (reading_ != nullptr && reading_->buffer.size() > 0) return read_request();  // pipelined
  reading_.reset();
  enter(Phase::kIdle, worker_.now() + kIdleTimeout);
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error) self->read_request();
                     });
}

void Http1Session::read_request() {
  enter(Phase::kReading, worker_.now() + kRequestTimeout);
  if (reading_ == nullptr) reading_ = std::make_unique<Reading>();
  auto& parser = reading_->parser.emplace();
  parser.header_limit(kHeaderLimit);
  parser.body_limit(kBodyLimit);
  beast_http::async_read(socket_, reading_->buffer, parser,
                         [self = shared_from_this()](const boost::system::error_code& error,
                                                     std::size_t) { self->on_request(error); });
}

void Http1Session::on_request(const boost::system::error_code& error) {
  if (error) return on_parse_error(error);
  auto message = reading_->parser->release();
  reading_->parser.reset();
  worker_.count_request();

  http_1_0_ = message.version() == 10;
  keep_alive_ = message.keep_alive() && !worker_.draining();
  is_head_ = message.method() == beast_http::verb::head;
  if (message.version() != 10 && message.version() != 11)
    return refuse(505, "this server speaks HTTP/1.1");
  if (message.target().size() > kTargetLimit) return refuse(414, "the address is too long");
  const std::size_t hosts = message.count(beast_http::field::host);
  if (hosts > 1 || (hosts == 0 && !http_1_0_))
    return refuse(400, "a request needs one Host header");

  http::Request request;
  request.method = std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  if (target == "*" && request.method == "OPTIONS") {
    request.path = "*";
  } else if (!http::parse_target(target, &request)) {
    return refuse(400, "the address is malformed");
  }
  for (const auto& field : message)
    request.headers.emplace_back(field.name_string(), field.value());
  request.body = std::move(message.body());
  request.remote_address = client_address(request);
  request.received_at = worker_.now();
  if (!worker_.admission().allow_request(place_.address())) {
    return write(http::text_response(429, "too many requests a second", {{"Retry-After", "1"}}));
  }
  if (is_websocket_upgrade(request)) {
    const std::optional<std::string> accept = websocket_accept(request);
    if (!accept) return refuse(400, "malformed WebSocket upgrade (RFC 6455 section 4.2.1)");
    websocket_accept_ = *accept;
  }
  answer(worker_.handler().handle(request));
}

std::string Http1Session::client_address(const http::Request& request) const {
  const std::string_view forwarded = request.header("X-Forwarded-For");
  if (!forwarded.empty() && worker_.admission().trusts(place_.address())) {
    // The last one is what our own proxy saw; what stands before it anybody could have written.
    std::string_view last = forwarded.substr(forwarded.rfind(',') + 1);
    while (!last.empty() && last.front() == ' ') last.remove_prefix(1);
    boost::system::error_code malformed;
    const auto address = boost::asio::ip::make_address(std::string(last), malformed);
    if (!malformed) return to_string({address, 0});
  }
  boost::system::error_code unknown;
  return to_string(socket_.remote_endpoint(unknown));
}

void Http1Session::on_parse_error(const boost::system::error_code& error) {
  const bool line_unfinished = reading_->parser->get().target().empty();
  if (timed_out_) return refuse(408, "the request took too long to arrive");
  if (error.category() != make_error_code(beast_http::error::bad_method).category())
    return;  // the connection broke
  switch (static_cast<beast_http::error>(error.value())) {
    case beast_http::error::end_of_stream:
    case beast_http::error::partial_message:
      return;
    case beast_http::error::header_limit:
    case beast_http::error::buffer_overflow:
      if (line_unfinished) return refuse(414, "the address is too long");
      return refuse(431, "the request's headers are too large");
    case beast_http::error::body_limit:
      return refuse(413, "the request's body is too large");
    case beast_http::error::bad_version:
      return refuse(505, "this server speaks HTTP/1.1");
    default:
      return refuse(400, "malformed request: " + error.message());
  }
}

void Http1Session::answer(http::Answer answer) {
  if (auto* response = std::get_if<http::Response>(&answer)) return write(*response);
  if (auto* streaming = std::get_if<http::StreamingResponse>(&answer))
    return stream(std::move(*streaming));
  pending_ = std::move(std::get<std::unique_ptr<http::PendingResponse>>(answer));
  enter(Phase::kWaiting, pending_->deadline());
  worker_.fan_out(pending_->channel()).add_waiter([self = shared_from_this()] {
    return self->poll_pending();
  });
}

bool Http1Session::poll_pending() {
  if (pending_ == nullptr) return true;  // answered at its deadline
  http::Answer result = pending_->poll(worker_.now());
  if (const auto* still = std::get_if<std::unique_ptr<http::PendingResponse>>(&result);
      still && !*still)
    return false;
  pending_.reset();
  answer(std::move(result));
  return true;
}

void Http1Session::refuse(unsigned status, std::string_view line) {
  keep_alive_ = false;
  write(http::text_response(status, line));
}

std::string Http1Session::head_text(const http::ResponseHead& head,
                                    std::string_view more_headers) const {
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\n", head.status, http::reason_phrase(head.status));
  for (const auto& [name, value] : head.headers) text += fmt::format("{}: {}\r\n", name, value);
  text += fmt::format("Date: {}\r\n", date_now(worker_.clock()));
  if (!keep_alive_) {
    text += "Connection: close\r\n";
  } else if (http_1_0_) {
    text += "Connection: keep-alive\r\n";
  }
  text += more_headers;
  return text + "\r\n";
}

void Http1Session::write(const http::Response& response) {
  const unsigned status = response.head.status;
  // No length for what has no body by definition, nor for HEAD of a body whose length is not known
  // (RFC 9110 §8.6).
  const bool has_length = status != 204 && status != 304 && !(is_head_ && response.body.empty());
  head_ = head_text(response.head,
                    has_length ? fmt::format("Content-Length: {}\r\n", response.body.size()) : "");
  body_ = is_head_ || status == 304 ? SharedBytes() : response.body;
  enter(Phase::kWriting, worker_.now() + kWriteTimeout);
  const std::array<boost::asio::const_buffer, 2> buffers = {
      boost::asio::buffer(head_), boost::asio::buffer(body_.data(), body_.size())};
  boost::asio::async_write(
      socket_, buffers,
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        if (error) return;
        self->body_ = SharedBytes();
        if (self->keep_alive_ && !self->worker_.draining()) return self->wait_for_request();
        self->linger();
      });
}

void Http1Session::stream(http::StreamingResponse response) {
  Framing framing = http_1_0_ ? Framing::kIdentity : Framing::kChunked;
  std::string head;
  if (!websocket_accept_.empty()) {
    framing = Framing::kMessages;
    head = fmt::format(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: {}\r\n\r\n{}",
        websocket_accept_, websocket_frame(WebSocketOpcode::kText, response.greeting));
  } else {
    keep_alive_ = keep_alive_ && framing == Framing::kChunked;
    head = head_text(response.head,
                     framing == Framing::kChunked ? "Transfer-Encoding: chunked\r\n" : "");
  }
  FanOut& fan_out = worker_.fan_out(response.channel);
  fan_out.add(std::make_shared<StreamSession>(std::move(socket_), std::move(place_), framing,
                                              std::move(head), std::move(response.body), fan_out));
}

void Http1Session::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  if (phase_ != Phase::kLingering) enter(Phase::kLingering, worker_.now() + kLingerTimeout);
  reading_->buffer.clear();
  socket_.async_read_some(
      reading_->buffer.prepare(kBodyLimit),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        if (!error) self->linger();
      });
}

void Http1Session::check_deadline(SteadyTime now) {
  if (now < deadline_) return;
  deadline_ = SteadyTime::max();
  switch (phase_) {
    case Phase::kReading: {
      timed_out_ = true;
      boost::system::error_code ignored;
      socket_.cancel(ignored);
      return;
    }
    case Phase::kWaiting:
      (void)poll_pending();
      return;
    case Phase::kIdle:
    case Phase::kWriting:
    case Phase::kLingering:
      return close();
  }
}

bool Http1Session::close_if_idle() {
  if (phase_ != Phase::kIdle) return false;
  close();
  return true;
}

void Http1Session::drain() {
  if (phase_ == Phase::kIdle || phase_ == Phase::kReading) return close();
  if (phase_ != Phase::kWaiting) return;  // closes after the answer under way
  pending_.reset();
  refuse(503, "the server is stopping");
}

void Http1Session::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  deadline_ = SteadyTime::max();
}

}  // namespace livestream::net
