#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace livestream::http {

using Header = std::pair<std::string, std::string>;

// A complete request with its body, the same for every protocol that may carry it.
struct Request {
  // GET, POST, ...; case-sensitive (RFC 9110 §9.1).
  std::string method;
  // Percent-decoded, begins with '/'.
  std::string path;
  // As sent, without '?'.
  std::string query;
  std::vector<Header> headers;
  std::string body;
  // The client: 192.0.2.1:50000, [2001:db8::1]:50000. Port 0: a trusted proxy named this address.
  std::string remote_address;
  SteadyTime received_at{};

  // The first header of this name (case-insensitive), or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  // The percent-decoded value of the first query parameter of this name; nothing when it is absent
  // or its percent-encoding is broken.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
};

// Splits a request target in origin form or absolute form (RFC 9112 §3.2) into the request's path
// and query. False for any other form, for characters that a URI cannot have, and for a path with
// broken percent-encoding.
[[nodiscard]] bool parse_target(std::string_view target, Request* request);

}  // namespace livestream::http
