#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace livestream::http {

using Header = std::pair<std::string, std::string>;

// A request as a handler sees it: complete, with its body, whatever the protocol that carried it.
struct Request {
  std::string method;  // GET, POST, ...; case-sensitive (RFC 9110 §9.1)
  std::string path;    // percent-decoded, begins with '/'
  std::string query;   // as sent, without '?'
  std::vector<Header> headers;
  std::string body;
  std::string remote_address;  // 192.0.2.1:50000, [2001:db8::1]:50000
  SteadyTime received_at{};

  // The first header of this name (case-insensitive), or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  // The percent-decoded value of the first query parameter of this name; nothing when it is absent.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
};

// Splits a request target in origin form or absolute form (RFC 9112 §3.2) into the request's path
// and query. False when it is neither, when it has characters that no URI has, or when the
// percent-encoding of its path is broken.
[[nodiscard]] bool parse_target(std::string_view target, Request* request);

}  // namespace livestream::http
