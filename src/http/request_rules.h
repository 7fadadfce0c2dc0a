#pragma once

#include <optional>
#include <string_view>

#include "http/request.h"

namespace livestream::http {

// Rules of RFC 9110 and RFC 9112 for a request beyond the syntax of its lines. A server that
// ignores them disagrees with proxies about the end of a request or about its host. Pure functions
// of the headers.

struct Refusal {
  unsigned status = 400;
  std::string_view line;
};

// The reason to refuse a request with these headers and to close its connection; nothing when it is
// acceptable. Host (RFC 9112 §3.2), Transfer-Encoding (§6.1, §6.3), Expect (RFC 9110 §10.1.1).
[[nodiscard]] std::optional<Refusal> check_headers(const Request& request, bool http_1_0);

// Whether the client waits for 100 (Continue) before it sends the body.
[[nodiscard]] bool expects_continue(const Request& request, bool http_1_0);

// uri-host [ ":" port ] (RFC 9110 §7.2); may be empty.
[[nodiscard]] bool is_host_value(std::string_view text);

// Whether a resource could allow the method: those of RFC 9110 except CONNECT, and PATCH.
[[nodiscard]] bool is_known_method(std::string_view method);

// Whether `text` is HTTP-version of any number (RFC 9112 §2.3).
[[nodiscard]] bool is_http_version(std::string_view text);

}  // namespace livestream::http
