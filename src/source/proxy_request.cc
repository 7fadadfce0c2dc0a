#include "source/proxy_request.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

namespace livestream {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

bool same_word(std::string_view one, std::string_view other) {
  return std::equal(
      one.begin(), one.end(), other.begin(), other.end(),
      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// `host`, `host:port` or `[v6]:port` into the request.
Result<void> read_authority(std::string_view authority, std::optional<std::uint16_t> default_port,
                            ProxyRequest& request) {
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) authority.remove_prefix(user + 1);
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return fail("an address without its closing bracket");
    request.host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const std::size_t colon = authority.find(':');
    request.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) rest = authority.substr(colon);
  }
  const bool readable = std::all_of(request.host.begin(), request.host.end(),
                                    [](char c) { return c > ' ' && c < 0x7f; });
  if (request.host.empty() || request.host.size() > 255 || !readable) return fail("a bad host");
  if (rest.empty() && default_port) {
    request.port = *default_port;
    return {};
  }
  if (!rest.starts_with(':')) return fail("a bad port");
  rest.remove_prefix(1);
  const auto [end, error] =
      std::from_chars(rest.data(), rest.data() + rest.size(), request.port, 10);
  if (error != std::errc() || end != rest.data() + rest.size() || request.port == 0)
    return fail("a bad port");
  return {};
}

// "GET http://host/path HTTP/1.1" into the request and the first line of its head.
Result<void> read_request_line(std::string_view line, ProxyRequest& request) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return fail("a bad request line");
  const std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail("a bad version");
  if (method == "CONNECT") {
    request.is_tunnel = true;
    return read_authority(target, std::nullopt, request);
  }
  if (method != "GET" && method != "HEAD") return fail("a method other than GET, HEAD, CONNECT");
  constexpr std::string_view kScheme = "http://";
  if (!same_word(target.substr(0, kScheme.size()), kScheme))
    return fail("a target without http://");
  target.remove_prefix(kScheme.size());
  const std::size_t end = std::min(target.find_first_of("/?#"), target.size());
  const Result<void> read = read_authority(target.substr(0, end), 80, request);
  if (!read) return read;
  const std::string_view path = target.substr(end);
  request.head =
      fmt::format("{} {}{} {}\r\n", method, path.starts_with('/') ? "" : "/", path, version);
  return {};
}

// A connection to the server lives exactly as long as the client's, so `Connection` is as true of
// the one as of the other.
Result<void> read_field(std::string_view line, ProxyRequest& request) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return fail("a bad header field");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (same_word(name, "Proxy-Authorization")) {
    request.credentials = value;
    return {};
  }
  if (same_word(name, "Proxy-Connection")) return {};
  const bool has_body =
      same_word(name, "Transfer-Encoding") || (same_word(name, "Content-Length") && value != "0");
  if (has_body || same_word(name, "Upgrade")) return fail("a request with a body or an upgrade");
  request.head.append(line).append("\r\n");
  return {};
}

}  // namespace

Result<std::optional<ProxyRequest>> read_proxy_request(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, ProxyRequest::kLongestHead).find(kHeadEnd);
  if (end == std::string_view::npos) {
    if (bytes.size() >= ProxyRequest::kLongestHead) return fail("a request head that is too long");
    return std::nullopt;
  }
  ProxyRequest request;
  request.size = end + kHeadEnd.size();
  std::string_view rest = bytes.substr(0, end + 2);
  for (bool first = true; !rest.empty(); first = false) {
    const std::size_t line_end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, line_end);
    rest.remove_prefix(line_end + 2);
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
      return fail("a line end within a line");
    const Result<void> read = first ? read_request_line(line, request) : read_field(line, request);
    if (!read) return tl::unexpected(read.error());
  }
  if (request.is_tunnel) {
    request.head.clear();
  } else {
    request.head += "\r\n";
  }
  return request;
}

std::string basic_credentials(std::string_view user_and_password) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text = "Basic ";
  for (std::size_t i = 0; i < user_and_password.size(); i += 3) {
    const std::string_view three = user_and_password.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8 | (j < three.size() ? static_cast<unsigned char>(three[j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += j <= three.size() ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

}  // namespace livestream
