// The requests that ffmpeg makes of its proxy; a playlist writes parts of them.
#include "fuzz.h"
#include "source/proxy_request.h"

using namespace livestream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const auto whole = read_proxy_request(input.text);
  const auto part = read_proxy_request(input.text.substr(0, input.cut()));
  if (part && *part) {
    fuzz::require(whole && *whole, "more bytes do not undo a request");
    fuzz::require((*whole)->size == (*part)->size, "a request ends where it ends");
  }
  if (!whole || !*whole) return 0;
  const ProxyRequest& request = **whole;
  fuzz::require(request.size <= input.text.size(), "no byte is made up");
  fuzz::require(!request.host.empty() && request.port != 0, "a request names a server");
  fuzz::require(request.head.empty() == request.is_tunnel, "a tunnel has no head");
  if (request.is_tunnel) return 0;
  fuzz::require(request.head.find("\r\n\r\n") == request.head.size() - 4, "a head is one head");
  return 0;
}
