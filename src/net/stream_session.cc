#include "net/stream_session.h"

#include <array>
#include <utility>

#include "net/fan_out.h"

namespace livestream::net {
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::size_t kControlLimit = 4096;

// What is left of `buffers` after `skip` bytes, appended to `rest`.
void append_rest(std::span<const iovec> buffers, std::size_t skip, std::vector<iovec>* rest) {
  for (const iovec& buffer : buffers) {
    if (skip >= buffer.iov_len) {
      skip -= buffer.iov_len;
      continue;
    }
    rest->push_back({static_cast<char*>(buffer.iov_base) + skip, buffer.iov_len - skip});
    skip = 0;
  }
}

}  // namespace

StreamSession::StreamSession(Socket socket, Place place, Framing framing, std::string head,
                             std::unique_ptr<http::BodySource> body, FanOut& fan_out)
    : socket_(std::move(socket)),
      place_(std::move(place)),
      fan_out_(fan_out),
      body_(std::move(body)),
      head_(std::move(head)),
      framing_(framing) {
  if (framing == Framing::kMessages) client_ = std::make_unique<WebSocketReader>();
}

void StreamSession::start() {
  if (client_ != nullptr) wait_for_client();
  pump();
}

void StreamSession::pump() {
  if (closed() || blocked()) return;
  do {
    if (batch_ == nullptr && !next_batch()) return;
    if (!write_batch()) return;
  } while (has_more());
}

std::optional<iovec> StreamSession::offer() {
  if (closed() || blocked()) return std::nullopt;
  if (batch_ == nullptr && !next_batch()) return std::nullopt;
  if (sent_ == 0 && head_.empty() && batch_->buffers().size() == 1) return batch_->buffers()[0];
  pump();
  return std::nullopt;
}

void StreamSession::wrote(int result) {
  if (took(bytes_taken(result)) && has_more()) pump();
}

bool StreamSession::next_batch() {
  if (!control_.empty()) {
    std::vector<SharedBytes> frames{SharedBytes(std::string_view(control_))};
    control_.clear();
    batch_ = std::make_shared<const FramedBatch>(
        std::make_shared<const SharedBlocks>(std::move(frames)), Framing::kIdentity);
    sent_ = 0;
    return true;
  }
  const http::Pull pull = ending_ ? http::Pull{.state = http::Pull::State::kEnd} : body_->pull();
  if (pull.state == http::Pull::State::kPending) return false;
  if (pull.state == http::Pull::State::kEnd) {
    finish();
    return false;
  }
  more_ = pull.more;
  batch_ = fan_out_.frame(pull.blocks, framing_);
  sent_ = 0;
  return true;
}

bool StreamSession::write_batch() {
  std::span<const iovec> buffers = batch_->buffers();
  if (sent_ > 0 || !head_.empty()) {
    std::vector<iovec>& rest = fan_out_.scratch();
    rest.clear();
    const iovec head{.iov_base = head_.data(), .iov_len = head_.size()};
    append_rest({&head, 1}, sent_, &rest);
    append_rest(buffers, sent_ > head_.size() ? sent_ - head_.size() : 0, &rest);
    buffers = rest;
  }
  return took(write_now(socket_, buffers));
}

bool StreamSession::took(std::optional<std::size_t> bytes) {
  if (!bytes) {
    close();
    return false;
  }
  sent_ += *bytes;
  if (sent_ < head_.size() + batch_->size()) {
    wait_until_writable();
    return false;
  }
  batch_.reset();
  if (!head_.empty()) std::string().swap(head_);
  return true;
}

void StreamSession::wait_until_writable() {
  blocked_since_ = fan_out_.now();
  socket_.async_wait(Socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->blocked_since_ = SteadyTime::max();
                       if (error) return self->close();
                       self->pump();
                     });
}

void StreamSession::wait_for_client() {
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error && !self->closed()) self->read_client();
                     });
}

void StreamSession::read_client() {
  std::array<char, 2048> bytes;
  const std::optional<std::size_t> size = read_now(socket_, bytes);
  if (!size) return close();
  const WebSocketReader::Outcome outcome =
      client_->read({reinterpret_cast<const std::uint8_t*>(bytes.data()), *size});
  control_ += outcome.reply;
  // A client that pings but does not read what it is sent.
  if (control_.size() > kControlLimit) return close();
  if (outcome.closing) {
    ending_ = said_goodbye_ = true;
  } else {
    wait_for_client();
  }
  pump();
}

void StreamSession::end() {
  if (client_ != nullptr && !said_goodbye_) control_ += websocket_close(kGoingAway);
  ending_ = said_goodbye_ = true;
  pump();
}

void StreamSession::finish() {
  if (framing_ == Framing::kChunked) {
    const iovec last{.iov_base = const_cast<char*>(kLastChunk.data()),
                     .iov_len = kLastChunk.size()};
    (void)write_now(socket_, {&last, 1});
  }
  // Closing with bytes unread would reset the connection and could take the response's end with it.
  std::array<char, 4096> unread;
  for (int i = 0; i < 16 && read_now(socket_, unread).value_or(0) > 0; ++i) {
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  close();
}

void StreamSession::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  body_.reset();
  batch_.reset();
}

}  // namespace livestream::net
