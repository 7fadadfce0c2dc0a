#include "net/http1_session.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <variant>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "http/request_rules.h"
#include "net/send_buffer.h"
#include "net/websocket.h"

namespace livestream::net {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::size_t kHeaderLimit = std::size_t{16} * 1024;
constexpr std::size_t kTargetLimit = std::size_t{8} * 1024;
constexpr std::size_t kBodyLimit = std::size_t{4} * 1024;
constexpr std::size_t kReadSize = std::size_t{2} * 1024;
constexpr std::chrono::seconds kRequestTimeout{10};
constexpr std::chrono::seconds kWriteTimeout{30};
constexpr std::chrono::seconds kLingerTimeout{2};

std::string date_now(const Clock& clock) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(clock.wall_now())));
}

std::string_view as_text(boost::asio::const_buffer buffer) {
  return {static_cast<const char*>(buffer.data()), buffer.size()};
}

// Whether the first line names a version of HTTP, even one that this server does not speak.
bool names_version(std::string_view received) {
  const std::string_view line = received.substr(0, received.find("\r\n"));
  const std::size_t target = line.find(' ');
  const std::size_t version =
      target == std::string_view::npos ? target : line.find(' ', target + 1);
  return version != std::string_view::npos && http::is_http_version(line.substr(version + 1));
}

}  // namespace

struct Http1Session::Reading {
  // Received bytes; may hold the next requests too.
  boost::beast::flat_buffer buffer{kHeaderLimit + kBodyLimit};
  std::optional<beast_http::request_parser<beast_http::string_body>> parser;
  // Its headers, while the body is read.
  http::Request request;
  std::size_t header_bytes = 0;
};

Http1Session::Http1Session(Socket socket, ConnectionPermit permit, const Context& context)
    : socket_(std::move(socket)),
      permit_(std::move(permit)),
      context_(context),
      reading_(std::make_unique<Reading>()) {}

Http1Session::~Http1Session() { context_.on_gone(this); }

void Http1Session::start() {
  begin_request();
  read_available();
}

void Http1Session::enter(Phase phase, SteadyTime deadline) {
  phase_ = phase;
  deadline_ = deadline;
}

void Http1Session::begin_request() {
  enter(Phase::kReading, now() + kRequestTimeout);
  // A request that was complete just at its deadline has been answered, and this is the next.
  timed_out_ = false;
  reading_->header_bytes = 0;
}

void Http1Session::read_more() {
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (self->timed_out_) return self->refuse_late();
                       if (!error) self->read_available();
                     });
}

void Http1Session::read_available() {
  // Through an array on the stack, so that a connection holds no more than it has received.
  std::array<char, kReadSize> received;
  auto& buffer = reading_->buffer;
  const std::size_t room = std::min(buffer.max_size() - buffer.size(), received.size());
  const std::optional<std::size_t> size = read_now(socket_, std::span(received).first(room));
  if (!size) return;
  if (*size == 0) return read_more();
  buffer.commit(
      boost::asio::buffer_copy(buffer.prepare(*size), boost::asio::buffer(received.data(), *size)));
  parse_header();
}

void Http1Session::parse_header() {
  Reading& reading = *reading_;
  if (!reading.parser) {
    // Skip empty lines before a request (RFC 9112 §2.2).
    while (as_text(reading.buffer.data()).starts_with("\r\n")) reading.buffer.consume(2);
    const std::string_view received = as_text(reading.buffer.data());
    if (received.empty() || received == "\r") return read_more();
    reading.parser.emplace();
    reading.parser->header_limit(kHeaderLimit);
    reading.parser->body_limit(kBodyLimit);
  }
  boost::system::error_code error;
  const std::size_t taken = reading.parser->put(reading.buffer.data(), error);
  reading.buffer.consume(taken);
  // The parser applies its limit only to bytes that it has not yet consumed.
  reading.header_bytes += taken;
  const bool incomplete = error == beast_http::error::need_more;
  if (reading.header_bytes + (incomplete ? reading.buffer.size() : 0) > kHeaderLimit)
    return on_parse_error(beast_http::error::header_limit);
  if (incomplete) return read_more();
  on_header(error);
}

void Http1Session::on_header(const boost::system::error_code& error) {
  if (error) return on_parse_error(error);
  const auto& parser = *reading_->parser;
  const auto& message = parser.get();
  http_1_0_ = message.version() == 10;
  keep_alive_ = parser.keep_alive() && !context_.draining;
  is_head_ = message.method() == beast_http::verb::head;
  websocket_accept_.clear();
  if (message.version() / 10 != 1) return refuse(505, "this server speaks HTTP/1.1");
  if (message.target().size() > kTargetLimit) return refuse(414, "the address is too long");

  // Copy the headers before the body, because trailers are not headers (RFC 9110 §6.5.1).
  http::Request& request = reading_->request;
  request = {};
  request.method = std::string(message.method_string());
  for (const auto& field : message)
    request.headers.emplace_back(field.name_string(), field.value());
  if (const auto refusal = http::check_headers(request, http_1_0_))
    return refuse(refusal->status, refusal->line);
  if (!request.header("Transfer-Encoding").empty() && !parser.chunked())
    return refuse(400, "the transfer coding is malformed");
  if (parser.is_done()) return on_request({});
  if (http::expects_continue(request, http_1_0_) && reading_->buffer.size() == 0)
    return send_continue();
  read_body();
}

void Http1Session::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  boost::asio::async_write(
      socket_, boost::asio::buffer(kContinue),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        if (!error) self->read_body();
      });
}

void Http1Session::read_body() {
  beast_http::async_read(socket_, reading_->buffer, *reading_->parser,
                         [self = shared_from_this()](const boost::system::error_code& error,
                                                     std::size_t) { self->on_request(error); });
}

void Http1Session::on_request(const boost::system::error_code& error) {
  if (error) return on_parse_error(error);
  auto message = reading_->parser->release();
  reading_->parser.reset();
  http::Request request = std::move(reading_->request);
  request.body = std::move(message.body());
  boost::system::error_code unknown;
  Exchange::Outcome outcome =
      context_.exchange.answer({.request = std::move(request),
                                .target = {message.target().data(), message.target().size()},
                                .can_upgrade = !http_1_0_,
                                .peer = socket_.remote_endpoint(unknown),
                                .permit = permit_});
  keep_alive_ = keep_alive_ && !outcome.close;
  websocket_accept_ = std::move(outcome.websocket_accept);
  answer(std::move(outcome.answer));
}

void Http1Session::on_parse_error(const boost::system::error_code& error) {
  const bool line_unfinished = reading_->parser->get().target().empty();
  if (timed_out_) return refuse_late();
  // The connection broke.
  if (error.category() != make_error_code(beast_http::error::bad_method).category()) return;
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
      if (names_version(as_text(reading_->buffer.data())))
        return refuse(505, "this server speaks HTTP/1.1");
      return refuse(400, "malformed request: the first line");
    default:
      return refuse(400, "malformed request: " + error.message());
  }
}

void Http1Session::answer(http::Answer answer) {
  if (auto* response = std::get_if<http::Response>(&answer)) return write(*response);
  if (auto* streaming = std::get_if<http::StreamingResponse>(&answer))
    return hand_over(std::move(*streaming));
  pending_ = std::move(std::get<std::unique_ptr<http::PendingResponse>>(answer));
  enter(Phase::kWaiting, pending_->deadline());
  context_.on_pending(pending_->channel(),
                      [self = shared_from_this()] { return self->poll_pending(); });
}

bool Http1Session::poll_pending() {
  // Answered at its deadline.
  if (pending_ == nullptr) return true;
  http::Answer result = pending_->poll(now());
  if (const auto* still = std::get_if<std::unique_ptr<http::PendingResponse>>(&result);
      still && !*still)
    return false;
  pending_.reset();
  answer(std::move(result));
  return true;
}

void Http1Session::refuse_late() { refuse(408, "the request took too long to arrive"); }

void Http1Session::refuse(unsigned status, std::string_view line) {
  keep_alive_ = false;
  write(http::text_response(status, line));
}

std::string Http1Session::head_text(const http::ResponseHead& head,
                                    std::string_view more_headers) const {
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\n", head.status, http::reason_phrase(head.status));
  for (const auto& [name, value] : head.headers) text += fmt::format("{}: {}\r\n", name, value);
  text += fmt::format("Date: {}\r\n", date_now(context_.exchange.clock()));
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
  // No length where the status forbids a body, nor for HEAD of a body of unknown length (RFC 9110
  // §8.6).
  const bool has_length = status != 204 && status != 304 && !(is_head_ && response.body.empty());
  head_ = head_text(response.head,
                    has_length ? fmt::format("Content-Length: {}\r\n", response.body.size()) : "");
  body_ = is_head_ || status == 304 ? SharedBytes() : response.body;
  enter(Phase::kWriting, now() + kWriteTimeout);
  const std::array<boost::asio::const_buffer, 2> buffers = {
      boost::asio::buffer(head_), boost::asio::buffer(body_.data(), body_.size())};
  boost::asio::async_write(
      socket_, buffers,
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        if (!error) self->on_written();
      });
}

void Http1Session::on_written() {
  body_ = SharedBytes();
  if (!keep_alive_ || context_.draining) return linger();
  // Pipelined requests.
  if (reading_->buffer.size() > 0) {
    begin_request();
    return parse_header();
  }
  context_.on_idle(std::move(socket_), std::move(permit_));
}

void Http1Session::hand_over(http::StreamingResponse response) {
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
  size_send_buffer(socket_, response.bitrate_bps);
  context_.on_stream(response.channel, {.socket = std::move(socket_),
                                        .permit = std::move(permit_),
                                        .framing = framing,
                                        .head = std::move(head),
                                        .body = std::move(response.body),
                                        .received = std::string(as_text(reading_->buffer.data()))});
}

void Http1Session::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  if (phase_ != Phase::kLingering) enter(Phase::kLingering, now() + kLingerTimeout);
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       std::array<char, kReadSize> unread;
                       if (!error && read_now(self->socket_, unread)) self->linger();
                     });
}

void Http1Session::check_deadline(SteadyTime now) {
  if (now < deadline_) return;
  // A cancelled read may have ended already and have begun another one, so the next call cancels
  // again.
  if (phase_ != Phase::kReading) deadline_ = SteadyTime::max();
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
    case Phase::kWriting:
    case Phase::kLingering:
      return close();
  }
}

void Http1Session::drain() {
  if (phase_ == Phase::kReading) return close();
  // Otherwise the connection closes after the answer under way.
  if (phase_ != Phase::kWaiting) return;
  pending_.reset();
  refuse(503, "the server is stopping");
}

void Http1Session::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  deadline_ = SteadyTime::max();
}

}  // namespace livestream::net
