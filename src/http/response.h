#pragma once

#include <cstdint>
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
  // Without Content-Length, Transfer-Encoding, Connection and Date, which the transport adds.
  std::vector<Header> headers;
};

// The next part of an endless body.
struct Pull {
  enum class State {
    // Send `blocks` next.
    kBytes,
    // Nothing to send now: pull again when the body's channel wakes.
    kPending,
    // The body is complete.
    kEnd,
  };
  State state = State::kPending;
  std::shared_ptr<const SharedBlocks> blocks;
  // With kBytes: the next part is already available; do not wait for the channel.
  bool more = false;
};

// A body from which the transport pulls bytes when its client can take more, so that no bytes are
// queued per client. Bodies at the same place give the same `blocks`, so that a transport can frame
// them once for all clients. One thread.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // To be called again only after the last part has been sent completely.
  [[nodiscard]] virtual Pull pull() = 0;
  // A hint that pull() comes soon: loads its data into the processor's cache.
  virtual void prefetch() const {}
};

// Identifies the events that wake a waiting body or response: a number that is never used again,
// shared by the server's wiring and the outlets. Channel 0 never wakes.
using Channel = std::uint64_t;

// A response whose body is complete.
struct Response {
  ResponseHead head;
  SharedBytes body;
};

// A body that goes on until the client leaves.
struct StreamingResponse {
  ResponseHead head;
  Channel channel = 0;
  std::unique_ptr<BodySource> body;
  // Approximate bitrate of the body; 0 when unknown.
  double bitrate_bps = 0;
  // First message on a transport with messages (WebSocket); not part of the body.
  std::string greeting;
};

class PendingResponse;
using Answer = std::variant<Response, StreamingResponse, std::unique_ptr<PendingResponse>>;

// An answer that is not known yet. Polled each time its channel wakes, and at its deadline, when it
// must give an answer.
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
  // How much of its address's requests per second a request takes: 1, or less where the answer is
  // cheap and a page asks for many.
  [[nodiscard]] virtual double cost(const Request& request) const;
};

// Header of every error of this server. A player tells by it an error of a proxy in front.
inline constexpr const char* kAnsweredBy = "Answered-By";
// The headers that scripts of other origins may read, where they may read the answer.
inline constexpr const char* kExposedHeaders =
    "Answered-By, Retry-After, Stream-Epoch, Stream-Viewer";

// A plain-text answer of one line, for errors, with kAnsweredBy.
[[nodiscard]] Response text_response(unsigned status, std::string_view line,
                                     std::vector<Header> headers = {});
// The standard reason phrase (RFC 9110 §15); empty for a status that this server does not use.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

}  // namespace livestream::http
