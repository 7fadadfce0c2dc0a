#include "http/request.h"

#include <algorithm>

#include "base/ascii.h"

namespace livestream::http {
namespace {

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded.push_back(' ');
    } else if (text[i] != '%') {
      decoded.push_back(text[i]);
    } else {
      const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return decoded;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.first, name)) return header.second;
  }
  return {};
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decode(pair.substr(0, equals), true) != name) continue;
    return percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
  }
  return std::nullopt;
}

bool parse_target(std::string_view target, Request* request) {
  // Visible ASCII; a fragment is never sent (RFC 9112 §3.2).
  if (!std::all_of(target.begin(), target.end(),
                   [](char c) { return c > ' ' && c < 0x7f && c != '#'; }))
    return false;
  if (const std::size_t scheme = target.find("://");
      scheme != std::string_view::npos && target.front() != '/') {
    const std::string_view name = target.substr(0, scheme);
    if (!equal_ignoring_case(name, "http") && !equal_ignoring_case(name, "https")) return false;
    const std::size_t authority = scheme + 3;
    const std::size_t slash = target.find_first_of("/?", authority);
    if (slash == authority || authority == target.size()) return false;
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    if (target.front() == '?') {
      request->path = "/";
      request->query = target.substr(1);
      return true;
    }
  }
  if (target.empty() || target.front() != '/') return false;
  const std::size_t mark = std::min(target.find('?'), target.size());
  std::optional<std::string> path = percent_decode(target.substr(0, mark), false);
  if (!path || path->find('\0') != std::string::npos) return false;
  request->path = std::move(*path);
  request->query = target.substr(std::min(mark + 1, target.size()));
  return true;
}

}  // namespace livestream::http
