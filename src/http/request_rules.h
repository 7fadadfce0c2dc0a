#pragma once

#include <optional>
#include <string_view>

#include "http/request.h"

namespace livestream::http {

// What RFC 9110 and RFC 9112 demand of a request beyond the syntax of its lines. A parser that lets
// any of this pass disagrees with some proxy about where a request ends or to whom it goes. Pure
// functions over the headers alone.

struct Refusal {
  unsigned status = 400;
  std::string_view line;
};

// Why a request with these headers must be refused and its connection closed; nothing when it may
// be read on. Host (RFC 9112 §3.2), Transfer-Encoding (§6.1, §6.3), Expect (RFC 9110 §10.1.1).
[[nodiscard]] std::optional<Refusal> judge_headers(const Request& request, bool http_1_0);

// Whether the client waits for 100 (Continue) before it sends the body.
[[nodiscard]] bool expects_continue(const Request& request, bool http_1_0);

// uri-host [ ":" port ] (RFC 9110 §7.2); may be empty.
[[nodiscard]] bool is_host_value(std::string_view text);

// A method of RFC 9110 or PATCH, CONNECT apart: what some resource could allow.
[[nodiscard]] bool is_known_method(std::string_view method);

// Whether `text` is HTTP-version of any number (RFC 9112 §2.3).
[[nodiscard]] bool is_http_version(std::string_view text);

}  // namespace livestream::http
