#include "net/websocket.h"

#include <gtest/gtest.h>

namespace livestream::net {
namespace {

http::Request upgrade() {
  http::Request request;
  request.method = "GET";
  request.headers = {{"Upgrade", "WebSocket"},
                     {"Connection", "keep-alive, Upgrade"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return request;
}

std::string masked(std::uint8_t first, std::string_view payload) {
  std::string frame{static_cast<char>(first), static_cast<char>(0x80 | payload.size()), 1, 2, 3, 4};
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame.push_back(static_cast<char>(payload[i] ^ "\1\2\3\4"[i % 4]));
  return frame;
}

TEST(WebSocketAccept, IsTheOneOfTheStandardsExample) {
  EXPECT_EQ(websocket_accept(upgrade()), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 §1.3
}

TEST(WebSocketAccept, RefusesAMalformedUpgrade) {
  for (std::size_t i = 0; i < 4; ++i) {
    http::Request request = upgrade();
    request.headers[i].second = "x";
    EXPECT_EQ(websocket_accept(request), std::nullopt) << request.headers[i].first;
  }
  http::Request request = upgrade();
  request.method = "POST";
  EXPECT_EQ(websocket_accept(request), std::nullopt);
  request = upgrade();
  request.headers.push_back(request.headers.back());
  EXPECT_EQ(websocket_accept(request), std::nullopt);
}

TEST(WebSocketHeader, UsesTheShortestLength) {
  EXPECT_EQ(websocket_header(WebSocketOpcode::kBinary, 125), std::string("\x82\x7d", 2));
  EXPECT_EQ(websocket_header(WebSocketOpcode::kBinary, 126), std::string("\x82\x7e\x00\x7e", 4));
  EXPECT_EQ(websocket_header(WebSocketOpcode::kBinary, 65535), std::string("\x82\x7e\xff\xff", 4));
  EXPECT_EQ(websocket_header(WebSocketOpcode::kBinary, 65536),
            std::string("\x82\x7f\0\0\0\0\0\1\0\0", 10));
}

TEST(WebSocketReader, AnswersPingsAndTheClose) {
  WebSocketReader reader;
  const std::string input = masked(0x89, "hello") + masked(0x82, "ignored") +
                            masked(0x88,
                                   "\x03\xe8"
                                   "bye");
  const auto outcome = reader.read(as_bytes(input));
  EXPECT_EQ(outcome.reply,
            websocket_frame(WebSocketOpcode::kPong, "hello") + websocket_close(1000));
  EXPECT_TRUE(outcome.closing);
}

TEST(WebSocketReader, ReadsTheSameInAnySlices) {
  const std::string input =
      masked(0x89, "a") + masked(0x01, "text") + masked(0x89, "") + masked(0x80, "end");
  for (std::size_t split = 0; split <= input.size(); ++split) {
    WebSocketReader reader;
    std::string replies = reader.read(as_bytes(input.substr(0, split))).reply;
    const auto rest = reader.read(as_bytes(input.substr(split)));
    EXPECT_EQ(replies + rest.reply, std::string("\x8a\x01"
                                                "a"
                                                "\x8a\x00",
                                                5))
        << split;
    EXPECT_FALSE(rest.closing);
  }
}

TEST(WebSocketReader, ClosesOnWhatTheStandardForbids) {
  const std::string unmasked("\x89\x00", 2);
  const std::string reserved_bit = masked(0xc9, "");
  const std::string unknown_opcode = masked(0x83, "");
  const std::string fragmented_ping = masked(0x09, "");
  const std::string stray_continuation = masked(0x80, "");
  const std::string nested_message = masked(0x01, "a") + masked(0x82, "b");
  const std::string long_ping("\x89\xfe\x00\x7e\1\2\3\4", 8);
  const std::string padded_length("\x82\xfe\x00\x01\1\2\3\4x", 9);
  const std::string negative_length("\x82\xff\xff\0\0\0\0\0\0\0\1\2\3\4", 14);
  for (const std::string& input :
       {unmasked, reserved_bit, unknown_opcode, fragmented_ping, stray_continuation, nested_message,
        long_ping, padded_length, negative_length}) {
    WebSocketReader reader;
    const auto outcome = reader.read(as_bytes(input));
    EXPECT_TRUE(outcome.closing);
    EXPECT_EQ(outcome.reply, websocket_close(1002));
  }
}

TEST(WebSocketReader, EchoesACodeThatMayBeSent) {
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999}) {
    WebSocketReader reader;
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    EXPECT_EQ(reader.read(as_bytes(masked(0x88, payload))).reply,
              websocket_close(static_cast<std::uint16_t>(code)))
        << code;
  }
  WebSocketReader reader;
  EXPECT_EQ(reader.read(as_bytes(masked(0x88, ""))).reply, std::string("\x88\x00", 2))
      << "without a code";
}

TEST(WebSocketReader, AnswersACodeThatMayNotBeSentAsAProtocolError) {
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535}) {
    WebSocketReader reader;
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    const auto outcome = reader.read(as_bytes(masked(0x88, payload + "why")));
    EXPECT_EQ(outcome.reply, websocket_close(1002)) << code;
    EXPECT_TRUE(outcome.closing);
  }
  WebSocketReader reader;
  EXPECT_EQ(reader.read(as_bytes(masked(0x88, "x"))).reply, websocket_close(1002)) << "half a code";
}

TEST(WebSocketReader, ClosesOnAMessageThatIsTooBig) {
  WebSocketReader reader;
  const auto outcome = reader.read(as_bytes(std::string("\x82\xff\0\0\0\0\0\1\0\1\1\2\3\4", 14)));
  EXPECT_EQ(outcome.reply, websocket_close(1009));
  EXPECT_TRUE(outcome.closing);
}

}  // namespace
}  // namespace livestream::net
