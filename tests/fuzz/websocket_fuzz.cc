// WebSocketReader: any frames, and the same replies however they are sliced.
#include <string>

#include "fuzz.h"
#include "net/websocket.h"

using namespace livestream;

namespace {

struct Replies {
  std::string text;
  bool closing = false;
  bool operator==(const Replies&) const = default;

  void read(net::WebSocketReader& reader, ByteView slice) {
    if (closing) return;
    const auto outcome = reader.read(slice);
    text += outcome.reply;
    closing = outcome.closing;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  net::WebSocketReader whole_reader;
  Replies whole;
  whole.read(whole_reader, input.bytes);
  net::WebSocketReader sliced_reader;
  Replies sliced;
  sliced.read(sliced_reader, input.bytes.first(input.cut()));
  sliced.read(sliced_reader, input.bytes.subspan(input.cut()));
  net::WebSocketReader byte_reader;
  Replies bytes;
  for (std::size_t i = 0; i < input.bytes.size(); ++i)
    bytes.read(byte_reader, input.bytes.subspan(i, 1));
  fuzz::require(whole == sliced && whole == bytes, "a slicing changes no reply");
  // A pong is not larger than the ping that asked for it: 2 bytes of header against 6.
  fuzz::require(whole.text.size() <= input.bytes.size() + 4, "replies do not amplify");
  return 0;
}
