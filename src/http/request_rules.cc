#include "http/request_rules.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"

namespace livestream::http {
namespace {

// Every character of a reg-name (RFC 3986 §3.2.2), '%' with two hexadecimal digits behind it.
bool is_registered_name(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)
        return false;
      i += 2;
    } else if (!is_letter(text[i]) && !is_digit(text[i]) &&
               std::string_view("-._~!$&'()*+,;=").find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// The codings named by the request, in order; chunked must be the last and the only one.
std::optional<Refusal> check_transfer_encoding(const Request& request, bool http_1_0) {
  std::size_t codings = 0;
  std::size_t chunked = 0;
  bool present = false;
  bool last_is_chunked = false;
  for (const Header& header : request.headers) {
    if (!equal_ignoring_case(header.first, "Transfer-Encoding")) continue;
    present = true;
    std::string_view rest = header.second;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view coding = trim(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (coding.empty()) continue;
      ++codings;
      last_is_chunked = equal_ignoring_case(coding, "chunked");
      if (last_is_chunked) ++chunked;
    }
  }
  if (!present) return std::nullopt;
  if (http_1_0) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  if (!last_is_chunked || chunked != 1)
    return Refusal{400, "the last transfer coding of a request must be chunked, once"};
  if (codings > 1) return Refusal{501, "no transfer coding but chunked is known here"};
  return std::nullopt;
}

}  // namespace

bool is_host_value(std::string_view text) {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos || bracket < 3) return false;
    const std::string_view address = text.substr(1, bracket - 1);
    if (!std::all_of(address.begin(), address.end(),
                     [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; }) ||
        address.find(':') == std::string_view::npos)
      return false;
    end = bracket + 1;
  } else {
    end = std::min(text.find(':'), text.size());
    if (!is_registered_name(text.substr(0, end))) return false;
  }
  if (end == text.size()) return true;
  return text[end] == ':' &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(end) + 1, text.end(), is_digit);
}

std::optional<Refusal> check_headers(const Request& request, bool http_1_0) {
  std::size_t hosts = 0;
  for (const Header& header : request.headers) {
    if (equal_ignoring_case(header.first, "Host")) {
      ++hosts;
      if (!is_host_value(trim(header.second))) return Refusal{400, "the Host header is malformed"};
    } else if (equal_ignoring_case(header.first, "Expect") && !http_1_0) {
      const std::string_view value = trim(header.second);
      if (!value.empty() && !equal_ignoring_case(value, "100-continue"))
        return Refusal{417, "nothing but 100-continue can be expected here"};
    }
  }
  if (hosts > 1 || (hosts == 0 && !http_1_0))
    return Refusal{400, "a request needs one Host header"};
  return check_transfer_encoding(request, http_1_0);
}

bool expects_continue(const Request& request, bool http_1_0) {
  return !http_1_0 && equal_ignoring_case(trim(request.header("Expect")), "100-continue");
}

bool is_known_method(std::string_view method) {
  constexpr std::array<std::string_view, 8> kMethods = {"GET",    "HEAD",    "POST",  "PUT",
                                                        "DELETE", "OPTIONS", "TRACE", "PATCH"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

bool is_http_version(std::string_view text) {
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' &&
         is_digit(text[7]);
}

}  // namespace livestream::http
