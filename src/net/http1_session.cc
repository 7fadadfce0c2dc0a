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

#include "base/ascii.h"
#include "http/request_rules.h"
#include "net/send_buffer.h"
#include "net/stream_session.h"
#include "net/websocket.h"
#include "net/worker.h"

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

// Whether the first line names a version of HTTP, be it one that we do not speak.
bool names_version(std::string_view come) {
  const std::string_view line = come.substr(0, come.find("\r\n"));
  const std::size_t target = line.find(' ');
  const std::size_t version =
      target == std::string_view::npos ? target : line.find(' ', target + 1);
  return version != std::string_view::npos && http::is_http_version(line.substr(version + 1));
}

}  // namespace

struct Http1Session::Reading {
  boost::beast::flat_buffer buffer{kHeaderLimit +
                                   kBodyLimit};  // what has come; may hold the next requests too
  std::optional<beast_http::request_parser<beast_http::string_body>> parser;
  http::Request request;  // its headers, while the body is read
  std::size_t header_bytes = 0;
};

Http1Session::Http1Session(Socket socket, Place place, Worker& worker)
    : socket_(std::move(socket)),
      place_(std::move(place)),
      worker_(worker),
      reading_(std::make_unique<Reading>()) {
  worker_.enrol(this);
}

Http1Session::~Http1Session() { worker_.dismiss(this); }

void Http1Session::start() {
  begin_request();
  take_what_came();
}

void Http1Session::enter(Phase phase, SteadyTime deadline) {
  phase_ = phase;
  deadline_ = deadline;
}

void Http1Session::begin_request() {
  enter(Phase::kReading, worker_.now() + kRequestTimeout);
  reading_->header_bytes = 0;
}

void Http1Session::read_more() {
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (self->timed_out_) return self->refuse_late();
                       if (!error) self->take_what_came();
                     });
}

void Http1Session::take_what_came() {
  // Read here first, so that a connection holds no more than what has come over it.
  std::array<char, kReadSize> come;
  auto& buffer = reading_->buffer;
  const std::size_t room = std::min(buffer.max_size() - buffer.size(), come.size());
  const std::optional<std::size_t> size = read_now(socket_, std::span(come).first(room));
  if (!size) return;
  if (*size == 0) return read_more();
  buffer.commit(
      boost::asio::buffer_copy(buffer.prepare(*size), boost::asio::buffer(come.data(), *size)));
  parse_header();
}

void Http1Session::parse_header() {
  Reading& reading = *reading_;
  if (!reading.parser) {
    // Empty lines before a request are passed over (RFC 9112 §2.2).
    while (as_text(reading.buffer.data()).starts_with("\r\n")) reading.buffer.consume(2);
    const std::string_view come = as_text(reading.buffer.data());
    if (come.empty() || come == "\r") return read_more();
    reading.parser.emplace();
    reading.parser->header_limit(kHeaderLimit);
    reading.parser->body_limit(kBodyLimit);
  }
  boost::system::error_code error;
  const std::size_t taken = reading.parser->put(reading.buffer.data(), error);
  reading.buffer.consume(taken);
  // The parser holds to its limit only what it has not yet taken in.
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
  keep_alive_ = parser.keep_alive() && !worker_.draining();
  is_head_ = message.method() == beast_http::verb::head;
  websocket_accept_.clear();
  if (message.version() / 10 != 1) return refuse(505, "this server speaks HTTP/1.1");
  if (message.target().size() > kTargetLimit) return refuse(414, "the address is too long");

  // Taken before the body comes: its trailers are no headers (RFC 9110 §6.5.1).
  http::Request& request = reading_->request;
  request = {};
  request.method = std::string(message.method_string());
  for (const auto& field : message)
    request.headers.emplace_back(field.name_string(), field.value());
  if (const auto refusal = http::judge_headers(request, http_1_0_))
    return refuse(refusal->status, refusal->line);
  if (!request.header("Transfer-Encoding").empty() && !parser.chunked())
    return refuse(400, "the transfer coding is malformed");
  if (parser.is_done()) return on_request({});
  if (http::expects_continue(request, http_1_0_) && reading_->buffer.size() == 0)
    return say_continue();
  read_body();
}

void Http1Session::say_continue() {
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
  worker_.count_request();

  http::Request request = std::move(reading_->request);
  if (!http::is_known_method(request.method))
    return write(http::text_response(501, "no resource here knows this method"));
  const std::string_view target(message.target().data(), message.target().size());
  if (target == "*" && request.method == "OPTIONS") {
    request.path = "*";
  } else if (!http::parse_target(target, &request)) {
    return refuse(400, "the address is malformed");
  }
  request.body = std::move(message.body());
  request.remote_address = client_address(request);
  request.received_at = worker_.now();
  if (!worker_.admission().allow_request(place_.address())) {
    return write(http::text_response(429, "too many requests a second", {{"Retry-After", "1"}}));
  }
  if (take_upgrade(request)) answer(worker_.handler().handle(request));
}

bool Http1Session::take_upgrade(const http::Request& request) {
  // HTTP/1.0 cannot upgrade (RFC 9110 §7.8).
  if (http_1_0_ || !is_websocket_upgrade(request)) return true;
  if (!is_websocket_version_known(request)) {
    keep_alive_ = false;
    write(http::text_response(426, "this server speaks version 13 of WebSocket",
                              {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}}));
    return false;
  }
  const std::optional<std::string> accept = websocket_accept(request);
  if (!accept) {
    refuse(400, "malformed WebSocket upgrade (RFC 6455 section 4.2.1)");
    return false;
  }
  websocket_accept_ = *accept;
  return true;
}

std::string Http1Session::client_address(const http::Request& request) const {
  std::string_view forwarded;
  for (const auto& [name, value] : request.headers) {
    // A proxy may add a line of its own behind one that its client wrote.
    if (equal_ignoring_case(name, "X-Forwarded-For")) forwarded = value;
  }
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
  if (timed_out_) return refuse_late();
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
        if (!self->keep_alive_ || self->worker_.draining()) return self->linger();
        if (self->reading_->buffer.size() > 0) {  // pipelined
          self->begin_request();
          return self->parse_header();
        }
        self->worker_.wait_for_request(std::move(self->socket_), std::move(self->place_));
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
  size_send_buffer(socket_, response.bitrate_bps);
  FanOut& fan_out = worker_.fan_out(response.channel);
  fan_out.add(std::make_shared<StreamSession>(std::move(socket_), std::move(place_), framing,
                                              std::move(head), std::move(response.body), fan_out));
}

void Http1Session::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  if (phase_ != Phase::kLingering) enter(Phase::kLingering, worker_.now() + kLingerTimeout);
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       std::array<char, kReadSize> unread;
                       if (!error && read_now(self->socket_, unread)) self->linger();
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
    case Phase::kWriting:
    case Phase::kLingering:
      return close();
  }
}

void Http1Session::drain() {
  if (phase_ == Phase::kReading) return close();
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
