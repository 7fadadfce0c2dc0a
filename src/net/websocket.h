#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "http/request.h"

namespace livestream::net {

// The server's side of RFC 6455, as far as a stream needs it: we send whole messages, the client
// sends control frames and nothing that matters otherwise. No I/O.

enum class WebSocketOpcode : std::uint8_t {
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10
};

// Whether the request asks for an upgrade to WebSocket, well formed or not.
[[nodiscard]] bool is_websocket_upgrade(const http::Request& request);
// Whether it asks for the version that is spoken here; 426 answers another (§4.4).
[[nodiscard]] bool is_websocket_version_known(const http::Request& request);
// The Sec-WebSocket-Accept value for a well-formed upgrade (§4.2.1); nothing for another.
[[nodiscard]] std::optional<std::string> websocket_accept(const http::Request& request);

// The header of an unfragmented, unmasked frame with a payload of `size` bytes (§5.2).
[[nodiscard]] std::string websocket_header(WebSocketOpcode opcode, std::size_t size);
[[nodiscard]] std::string websocket_frame(WebSocketOpcode opcode, std::string_view payload);
// A close frame with a status code (§7.4).
[[nodiscard]] std::string websocket_close(std::uint16_t code);

// Reads a client's frames from slices of any size and says what to send back. Messages are passed
// over.
class WebSocketReader {
 public:
  struct Outcome {
    std::string
        reply;  // frames to send: pongs, or the close frame that answers a close or an error
    bool closing = false;  // the connection ends after `reply`; no further call
  };
  [[nodiscard]] Outcome read(ByteView bytes);

 private:
  // A message larger than this is not one of ours.
  static constexpr std::uint64_t kMaxMessage = std::uint64_t{64} * 1024;
  static constexpr std::size_t kMaxHeader = 14;

  // The status code to close with, or nothing: `header_` is complete, or needs more bytes.
  [[nodiscard]] std::optional<std::uint16_t> begin_frame();
  [[nodiscard]] std::size_t header_size() const;
  void end_frame(Outcome* outcome);

  Bytes header_;  // of the frame that is being read
  bool in_payload_ = false;
  WebSocketOpcode opcode_ = WebSocketOpcode::kBinary;
  std::uint64_t payload_left_ = 0;
  std::uint64_t message_size_ = 0;
  bool in_message_ = false;      // a fragmented message is under way
  std::string control_payload_;  // unmasked, at most 125 bytes
};

}  // namespace livestream::net
