#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "http/request.h"

namespace livestream::net {

// The server's side of RFC 6455, as far as a stream needs it: the server sends whole messages, and
// of the client's frames only control frames matter. No I/O.

enum class WebSocketOpcode : std::uint8_t {
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10
};

// Whether the request asks for an upgrade to WebSocket, well formed or not.
[[nodiscard]] bool is_websocket_upgrade(const http::Request& request);
// Whether the request asks for the version that this server speaks; the answer to others is 426
// (§4.4).
[[nodiscard]] bool is_websocket_version_known(const http::Request& request);
// The Sec-WebSocket-Accept value for a well-formed upgrade (§4.2.1); nothing for other requests.
[[nodiscard]] std::optional<std::string> websocket_accept(const http::Request& request);

// The header of an unfragmented, unmasked frame with a payload of `size` bytes (§5.2).
[[nodiscard]] std::string websocket_header(WebSocketOpcode opcode, std::size_t size);
[[nodiscard]] std::string websocket_frame(WebSocketOpcode opcode, std::string_view payload);
// A close frame with a status code (§7.4).
[[nodiscard]] std::string websocket_close(std::uint16_t code);

// Reads a client's frames from slices of any size, and gives the frames to send back. Skips
// messages.
class WebSocketReader {
 public:
  struct Outcome {
    // Frames to send: pongs, or the close frame that answers a close or an error.
    std::string reply;
    // The connection ends after `reply`; read() must not be called again.
    bool closing = false;
  };
  [[nodiscard]] Outcome read(ByteView bytes);

 private:
  // The player sends none; this bounds what another client can make the server read.
  static constexpr std::uint64_t kMaxMessage = std::uint64_t{64} * 1024;

  // Reads header_, which is complete. Gives the status code to close with, or nothing.
  [[nodiscard]] std::optional<std::uint16_t> begin_frame();
  [[nodiscard]] std::size_t header_size() const;
  void end_frame(Outcome* outcome);

  // Of the frame that is being read.
  Bytes header_;
  bool in_payload_ = false;
  WebSocketOpcode opcode_ = WebSocketOpcode::kBinary;
  std::uint64_t payload_left_ = 0;
  std::uint64_t message_size_ = 0;
  // A fragmented message is under way.
  bool in_message_ = false;
  // Unmasked, at most 125 bytes.
  std::string control_payload_;
};

}  // namespace livestream::net
