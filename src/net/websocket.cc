#include "net/websocket.h"

#include <algorithm>
#include <array>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/ascii.h"

namespace livestream::net {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kMessageTooBig = 1009;
// 16 bytes in base64.
constexpr std::size_t kKeySize = 24;

// Whether a comma-separated header contains this token; case-insensitive.
bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view item = trim(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (equal_ignoring_case(item, token)) return true;
  }
  return false;
}

std::string base64(ByteView bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

bool is_key(std::string_view key) {
  return key.size() == kKeySize && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2,
                     [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/'; });
}

// Whether an endpoint may send this status code (RFC 6455 §7.4; 1012 to 1014 are from the
// registry).
bool is_sendable(unsigned code) {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && (code <= 1003 || code >= 1007);
}

// The close frame that answers a client's. Its payload is empty or begins with a status code, which
// is echoed; a reason behind the code is not.
std::string close_reply(std::string_view payload) {
  if (payload.empty()) return websocket_frame(WebSocketOpcode::kClose, {});
  ByteReader reader(as_bytes(payload));
  const std::uint16_t code = reader.u16();
  return websocket_close(reader.ok() && is_sendable(code) ? code : kProtocolError);
}

bool is_control(WebSocketOpcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

}  // namespace

bool is_websocket_upgrade(const http::Request& request) {
  return has_token(request.header("Upgrade"), "websocket");
}

bool is_websocket_version_known(const http::Request& request) {
  return request.header("Sec-WebSocket-Version") == "13";
}

std::optional<std::string> websocket_accept(const http::Request& request) {
  const std::string_view key = request.header("Sec-WebSocket-Key");
  const auto keys =
      std::count_if(request.headers.begin(), request.headers.end(), [](const http::Header& header) {
        return equal_ignoring_case(header.first, "Sec-WebSocket-Key");
      });
  if (!is_websocket_upgrade(request) || !has_token(request.header("Connection"), "upgrade") ||
      request.method != "GET" || !is_websocket_version_known(request) || keys != 1 ||
      !is_key(key)) {
    return std::nullopt;
  }
  const std::string text = std::string(key) + std::string(kGuid);
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return base64(digest);
}

std::string websocket_header(WebSocketOpcode opcode, std::size_t size) {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(0x80 | static_cast<std::uint8_t>(opcode)));
  if (size < 126) {
    writer.u8(static_cast<std::uint8_t>(size));
  } else if (size <= 0xffff) {
    writer.u8(126);
    writer.u16(static_cast<std::uint16_t>(size));
  } else {
    writer.u8(127);
    writer.u64(size);
  }
  const Bytes bytes = writer.take();
  return std::string(bytes.begin(), bytes.end());
}

std::string websocket_frame(WebSocketOpcode opcode, std::string_view payload) {
  return websocket_header(opcode, payload.size()) + std::string(payload);
}

std::string websocket_close(std::uint16_t code) {
  const char payload[2] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return websocket_frame(WebSocketOpcode::kClose, {payload, sizeof payload});
}

std::size_t WebSocketReader::header_size() const {
  if (header_.size() < 2) return 2;
  const std::uint8_t length = header_[1] & 0x7f;
  const std::size_t mask = (header_[1] & 0x80) != 0 ? 4 : 0;
  return 2 + (length == 127 ? 8u : length == 126 ? 2u : 0u) + mask;
}

std::optional<std::uint16_t> WebSocketReader::begin_frame() {
  const bool final = (header_[0] & 0x80) != 0;
  const std::uint8_t code = header_[0] & 0x0f;
  // A frame of an extension, or one that is not masked.
  if ((header_[0] & 0x70) != 0 || (header_[1] & 0x80) == 0) return kProtocolError;
  ByteReader reader(header_);
  reader.skip(1);
  payload_left_ = reader.u8() & 0x7f;
  if (payload_left_ == 126) {
    payload_left_ = reader.u16();
    if (payload_left_ < 126) return kProtocolError;
  } else if (payload_left_ == 127) {
    payload_left_ = reader.u64();
    if (payload_left_ <= 0xffff || payload_left_ >> 63 != 0) return kProtocolError;
  }
  const bool continuation = code == 0;
  const bool data = code == 1 || code == 2;
  if (!continuation && !data && (code < 8 || code > 10)) return kProtocolError;
  if (!continuation && !data) {
    if (!final || payload_left_ > 125) return kProtocolError;
    opcode_ = static_cast<WebSocketOpcode>(code);
    control_payload_.clear();
  } else {
    if (continuation != in_message_) return kProtocolError;
    message_size_ = (continuation ? message_size_ : 0) + payload_left_;
    if (message_size_ > kMaxMessage) return kMessageTooBig;
    in_message_ = !final;
    opcode_ = WebSocketOpcode::kBinary;
  }
  in_payload_ = true;
  return std::nullopt;
}

void WebSocketReader::end_frame(Outcome* outcome) {
  in_payload_ = false;
  header_.clear();
  if (opcode_ == WebSocketOpcode::kPing) {
    outcome->reply += websocket_frame(WebSocketOpcode::kPong, control_payload_);
  } else if (opcode_ == WebSocketOpcode::kClose) {
    outcome->closing = true;
    outcome->reply += close_reply(control_payload_);
  }
}

WebSocketReader::Outcome WebSocketReader::read(ByteView bytes) {
  Outcome outcome;
  std::size_t at = 0;
  while (!outcome.closing) {
    if (!in_payload_) {
      while (at < bytes.size() && header_.size() < header_size()) header_.push_back(bytes[at++]);
      if (header_.size() < header_size()) break;
      if (const auto error = begin_frame()) {
        outcome.reply += websocket_close(*error);
        outcome.closing = true;
        break;
      }
    }
    const auto take =
        static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size() - at));
    if (is_control(opcode_)) {
      const std::size_t mask_at = header_.size() - 4;
      for (std::size_t i = 0; i < take; ++i) {
        const std::uint8_t mask = header_[mask_at + control_payload_.size() % 4];
        control_payload_.push_back(static_cast<char>(bytes[at + i] ^ mask));
      }
    }
    at += take;
    payload_left_ -= take;
    if (payload_left_ > 0) break;
    end_frame(&outcome);
  }
  return outcome;
}

}  // namespace livestream::net
