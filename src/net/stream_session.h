#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <vector>

#include "base/clock.h"
#include "http/response.h"
#include "net/admission.h"
#include "net/framing.h"
#include "net/send_batch.h"
#include "net/socket.h"
#include "net/websocket.h"

namespace livestream::net {

// A connection whose response is a stream from now on.
struct StreamStart {
  Socket socket;
  ConnectionPermit permit;
  Framing framing = Framing::kChunked;
  // Sent before the body's first bytes, in the same write.
  std::string head;
  std::unique_ptr<http::BodySource> body;
  // WebSocket only: bytes that came behind the upgrade request.
  std::string received;
};

// One viewer: a socket, a body, and how much of the current batch the socket has taken. It asks the
// body for more only when the socket has taken all before, so nothing is ever queued for a viewer.
// A viewer that has left is noticed by the next write; only for WebSocket a read is pending too.
// Owned by its FanOut, on the worker's thread; closes itself when the connection breaks or the
// response has ended.
class StreamSession : public std::enable_shared_from_this<StreamSession> {
 public:
  // Shared by all sessions of a FanOut; outlives them. `sends` is empty between two calls.
  struct Delivery {
    const Clock& clock;
    SendBatch& sends;
    FramingCache framing{};
    std::vector<iovec> scratch{};
  };

  StreamSession(StreamStart start, Delivery& delivery);

  // Once, after construction: sends what there is, as far as the socket takes it.
  void start();
  // Adds the next write to `sends`. False when there is none now: the body has nothing, the socket
  // is full, or the session is closed. Otherwise wrote() must get the result before any other call.
  [[nodiscard]] bool offer();
  // Takes the result of a write, bytes or -errno. True when there may be more to offer at once.
  [[nodiscard]] bool wrote(int result);
  // Ends the response after the batch under way.
  void end();
  // Breaks the connection off.
  void close();

  [[nodiscard]] bool closed() const { return body_ == nullptr; }
  // Since when the socket has taken nothing of a batch under way; SteadyTime::max() when it is not
  // full.
  [[nodiscard]] SteadyTime blocked_since() const { return blocked_since_; }

  // Three hints that offer() comes soon, in this order, each of which needs the one before: they
  // bring the session, its body, and the body's source into the processor's cache.
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

 private:
  static constexpr std::size_t kCacheLine = 64;

  [[nodiscard]] bool blocked() const { return blocked_since_ != SteadyTime::max(); }
  // Sends what there is, as far as the socket takes it, without the other viewers.
  void pump();
  // False when there is nothing to send now, or the connection has been closed.
  [[nodiscard]] bool next_batch();
  // Makes the batch that ends the response: the last chunk, or a close frame.
  [[nodiscard]] bool last_batch();
  void set_batch(std::string_view bytes);
  void wait_until_writable();
  void shut_down();
  // WebSocket only: the client's control frames want answers.
  void wait_for_client();
  void read_client();
  // False when the client asks for too much or has closed.
  [[nodiscard]] bool take_frames(std::string_view bytes);

  Socket socket_;
  const ConnectionPermit permit_;
  Delivery& delivery_;
  std::unique_ptr<http::BodySource> body_;
  std::string head_;
  // WebSocket only.
  std::unique_ptr<WebSocketReader> client_;
  // WebSocket only: our frames that go between two messages.
  std::string control_;
  std::shared_ptr<const FramedBatch> batch_;
  // Bytes of head_ and batch_ that the socket has taken.
  std::size_t sent_ = 0;
  SteadyTime blocked_since_ = SteadyTime::max();
  const Framing framing_;
  // The body may have more than batch_ already: it said so, or a round came while the socket was
  // full.
  bool more_ = false;
  bool ending_ = false;
  // batch_ ends the response.
  bool is_last_ = false;
  // WebSocket only: our close frame is in control_ or has been sent.
  bool close_sent_ = false;
};

}  // namespace livestream::net
