#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/shared_blocks.h"
#include "http/request.h"

namespace livestream::http {

struct ResponseHead {
  unsigned status = 200;
  std::vector<Header> headers;  // without Content-Length, Transfer-Encoding, Connection and Date:
                                // the transport's affair
};

// What there is to send next of a body without end.
struct Pull {
  enum class State {
    kBytes,    // `blocks` is next
    kPending,  // nothing now; pull again when the body's channel wakes
    kEnd,      // the body is complete
  };
  State state = State::kPending;
  std::shared_ptr<const SharedBlocks> blocks;
  bool more = false;  // with kBytes: there is more already; do not wait for the channel
};

// A body that a transport asks for bytes whenever its client can take more: nothing is ever queued
// for a client. Bodies that are at the same place give the same `blocks`, so a transport may frame
// them once for all. One thread.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Called again only when what it gave before has been sent whole.
  [[nodiscard]] virtual Pull pull() = 0;
  // A hint that pull() comes soon: brings what it reads into the cache.
  virtual void prefetch() const {}
};

// What wakes a waiting body or response: an opaque name that the server's wiring and the outlets
// share.
using Channel = const void*;

// A body known whole.
struct Response {
  ResponseHead head;
  SharedBytes body;
};

// A body that goes on until the client leaves.
struct StreamingResponse {
  ResponseHead head;
  Channel channel = nullptr;
  std::unique_ptr<BodySource> body;
  double bitrate_bps = 0;  // what the body gives, roughly; 0 when not known
  // Said first where the transport has messages (WebSocket); not part of the body.
  std::string greeting;
};

class PendingResponse;
using Answer = std::variant<Response, StreamingResponse, std::unique_ptr<PendingResponse>>;

// An answer that is not known yet. Asked again each time its channel wakes, and once at its
// deadline, when it must say.
class PendingResponse {
 public:
  virtual ~PendingResponse() = default;
  // Either a Response or a StreamingResponse; null (an empty pointer in the variant) when still
  // unknown.
  [[nodiscard]] virtual Answer poll(SteadyTime now) = 0;
  [[nodiscard]] virtual Channel channel() const = 0;
  [[nodiscard]] virtual SteadyTime deadline() const = 0;
};

// Answers requests. Called on one thread.
class Handler {
 public:
  virtual ~Handler() = default;
  [[nodiscard]] virtual Answer handle(const Request& request) = 0;
};

// A plain-text answer of one line, for errors.
[[nodiscard]] Response text_response(unsigned status, std::string_view line,
                                     std::vector<Header> headers = {});
// The standard reason phrase (RFC 9110 §15), empty for a status that we do not use.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

}  // namespace livestream::http
