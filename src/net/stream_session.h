#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "http/response.h"
#include "net/admission.h"
#include "net/framing.h"
#include "net/socket.h"
#include "net/websocket.h"

namespace livestream::net {

class FanOut;

// One viewer from the moment its response's head is known: a socket, a body and the place in what
// is being written. It asks the body for more only when all before has been taken by the socket, so
// nothing is ever queued for it. Owned by its FanOut, on the worker's thread. Ends by itself when
// the connection breaks; but for WebSocket there is no read pending on it, for a viewer that has
// left is noticed by the next write.
class StreamSession : public std::enable_shared_from_this<StreamSession> {
 public:
  // `head` is sent before the body's first bytes, in the same write. `fan_out` outlives the
  // session.
  StreamSession(Socket socket, Place place, Framing framing, std::string head,
                std::unique_ptr<http::BodySource> body, FanOut& fan_out);

  // Once, after construction.
  void start();
  // Sends what there is, as far as the socket takes it.
  void pump();
  // The same in two steps, for many viewers at once. offer() is the next write to socket(), whose
  // result (bytes or -errno) goes to wrote(); it stays until then. Nothing where there is nothing
  // to send, or where it takes more than one piece and has been sent as pump() does.
  [[nodiscard]] std::optional<iovec> offer();
  void wrote(int result);
  [[nodiscard]] int socket() { return socket_.native_handle(); }
  // Bring into the cache what the next pump() reads, each what it takes to find the next: the
  // session, its body, and what that reads from.
  void prefetch() const {
    const char* const begin = reinterpret_cast<const char*>(this);
    for (std::size_t at = 0; at < sizeof(*this); at += kCacheLine)
      __builtin_prefetch(begin + at, 1);
  }
  void prefetch_body() const {
    const char* const begin = reinterpret_cast<const char*>(body_.get());
    __builtin_prefetch(begin, 1);
    __builtin_prefetch(begin + kCacheLine, 1);
  }
  void prefetch_source() const {
    if (body_ != nullptr) body_->prefetch();
  }
  // Ends the response after the batch that is under way.
  void end();
  // Breaks the connection off, whatever is under way.
  void close();

  [[nodiscard]] bool closed() const { return body_ == nullptr; }
  // Since when the socket has taken nothing although there was something to send; SteadyTime::max()
  // when it is not so.
  [[nodiscard]] SteadyTime blocked_since() const { return blocked_since_; }

 private:
  static constexpr std::size_t kCacheLine = 64;

  // True when `batch_` has been sent whole; otherwise waits for the socket, or has closed.
  [[nodiscard]] bool write_batch();
  // Accounts for what the socket has taken, nothing when the connection is broken; as
  // write_batch().
  [[nodiscard]] bool took(std::optional<std::size_t> bytes);
  [[nodiscard]] bool blocked() const { return blocked_since_ != SteadyTime::max(); }
  [[nodiscard]] bool has_more() const { return more_ || !control_.empty() || ending_; }
  // False when there is nothing to send now, or the response has ended.
  [[nodiscard]] bool next_batch();
  void wait_until_writable();
  void finish();
  // WebSocket only: the client's control frames want answers.
  void wait_for_client();
  void read_client();

  Socket socket_;
  const Place place_;
  FanOut& fan_out_;
  std::unique_ptr<http::BodySource> body_;
  std::string head_;
  std::unique_ptr<WebSocketReader> client_;  // WebSocket only
  std::string control_;  // WebSocket only: frames of ours to send between two messages
  std::shared_ptr<const FramedBatch> batch_;
  std::size_t sent_ = 0;  // bytes of head_ and batch_ that the socket has taken
  SteadyTime blocked_since_ = SteadyTime::max();
  const Framing framing_;
  bool more_ = false;  // the body has more than `batch_` already
  bool ending_ = false;
  bool said_goodbye_ = false;  // WebSocket only: our close frame has been queued
};

}  // namespace livestream::net
