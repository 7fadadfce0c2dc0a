#include "net/stream_session.h"

#include <array>
#include <span>
#include <utility>

#include "base/bytes.h"

namespace livestream::net {
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kNormalClosure = 1000;
constexpr std::size_t kControlLimit = 4096;

// Appends the rest of `pieces` after `skip` bytes to `rest`.
void append_rest(std::span<const iovec> pieces, std::size_t skip, std::vector<iovec>* rest) {
  for (const iovec& piece : pieces) {
    if (skip >= piece.iov_len) {
      skip -= piece.iov_len;
      continue;
    }
    rest->push_back({static_cast<char*>(piece.iov_base) + skip, piece.iov_len - skip});
    skip = 0;
  }
}

}  // namespace

StreamSession::StreamSession(StreamStart start, Delivery& delivery)
    : socket_(std::move(start.socket)),
      permit_(std::move(start.permit)),
      delivery_(delivery),
      body_(std::move(start.body)),
      head_(std::move(start.head)),
      framing_(start.framing) {
  if (framing_ != Framing::kMessages) return;
  client_ = std::make_unique<WebSocketReader>();
  (void)take_frames(start.received);
}

void StreamSession::start() {
  if (control_.size() > kControlLimit) return close();
  if (client_ != nullptr && !ending_) wait_for_client();
  pump();
}

void StreamSession::pump() {
  while (offer() && wrote(delivery_.sends.send()[0])) {
  }
}

bool StreamSession::offer() {
  if (blocked()) {
    // Ask the body once the socket takes bytes again. Only then: a session that did so after each
    // full socket would be served out of step with the others and share no batch with them.
    more_ = true;
    return false;
  }
  if (closed() || (batch_ == nullptr && !next_batch())) return false;
  std::span<const iovec> pieces = batch_->pieces();
  if (sent_ > 0 || !head_.empty()) {
    std::vector<iovec>& rest = delivery_.scratch;
    rest.clear();
    const iovec head{.iov_base = head_.data(), .iov_len = head_.size()};
    append_rest({&head, 1}, sent_, &rest);
    append_rest(pieces, sent_ > head_.size() ? sent_ - head_.size() : 0, &rest);
    pieces = rest;
  }
  delivery_.sends.add(socket_.native_handle(), pieces);
  return true;
}

bool StreamSession::wrote(int result) {
  const std::optional<std::size_t> taken = bytes_taken(result);
  if (!taken) {
    close();
    return false;
  }
  sent_ += *taken;
  if (sent_ < head_.size() + batch_->size()) {
    wait_until_writable();
    return false;
  }
  batch_.reset();
  sent_ = 0;
  if (!head_.empty()) std::string().swap(head_);
  if (is_last_) {
    shut_down();
    return false;
  }
  return more_ || !control_.empty() || ending_;
}

bool StreamSession::next_batch() {
  if (!control_.empty()) {
    set_batch(std::exchange(control_, {}));
    return true;
  }
  if (ending_) return last_batch();
  const http::Pull pull = body_->pull();
  if (pull.state == http::Pull::State::kPending) return false;
  if (pull.state == http::Pull::State::kEnd) return last_batch();
  more_ = pull.more;
  batch_ = delivery_.framing.frame(pull.blocks, framing_);
  return true;
}

bool StreamSession::last_batch() {
  std::string last;
  if (framing_ == Framing::kChunked) last = kLastChunk;
  if (client_ != nullptr && !std::exchange(close_sent_, true))
    last = websocket_close(ending_ ? kGoingAway : kNormalClosure);
  if (last.empty() && head_.empty()) {
    shut_down();
    return false;
  }
  set_batch(last);
  is_last_ = true;
  return true;
}

void StreamSession::set_batch(std::string_view bytes) {
  batch_ = std::make_shared<const FramedBatch>(
      std::make_shared<const SharedBlocks>(std::vector<SharedBytes>{SharedBytes(bytes)}),
      Framing::kIdentity);
}

void StreamSession::wait_until_writable() {
  blocked_since_ = delivery_.clock.now();
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
  if (take_frames({bytes.data(), *size})) wait_for_client();
  // The client pings but does not read the answers.
  if (control_.size() > kControlLimit) return close();
  pump();
}

bool StreamSession::take_frames(std::string_view bytes) {
  const WebSocketReader::Outcome outcome = client_->read(as_bytes(bytes));
  control_ += outcome.reply;
  if (outcome.closing) ending_ = close_sent_ = true;
  return !outcome.closing && control_.size() <= kControlLimit;
}

void StreamSession::end() {
  ending_ = true;
  pump();
}

void StreamSession::shut_down() {
  // Closing with bytes unread would reset the connection, and the client could lose the end of the
  // response.
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
