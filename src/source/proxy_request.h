#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livestream {

// One request of a client to its HTTP proxy (RFC 9110 §7.6, §9.3.6), as ffmpeg makes them: GET or
// HEAD of an absolute URI, without a body, or CONNECT.
struct ProxyRequest {
  // CONNECT: bytes pass both ways from then on.
  bool is_tunnel = false;
  // A name or an address, without brackets: printable ASCII only.
  std::string host;
  std::uint16_t port = 0;
  // The whole value of Proxy-Authorization; empty without one.
  std::string credentials;
  // The head for the server itself: origin-form, without the fields that concern the proxy. Empty
  // for a tunnel.
  std::string head;
  // Bytes that it took, its empty line included.
  std::size_t size = 0;

  static constexpr std::size_t kLongestHead = 1 << 16;
};

// Reads the request at the beginning of `bytes`; nothing while its end has not come. Fails, saying
// why, on all that ffmpeg does not send: other methods, bodies, upgrades, an absent host, a head
// above kLongestHead.
[[nodiscard]] Result<std::optional<ProxyRequest>> read_proxy_request(std::string_view bytes);

// The value of Proxy-Authorization for a user and a password (RFC 7617).
[[nodiscard]] std::string basic_credentials(std::string_view user_and_password);

}  // namespace livestream
