#include "config/reference.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/mask.h"

namespace livestream {
namespace {

// Bytes of a value.
constexpr std::size_t kLongest = 64 << 10;
constexpr std::string_view kMask = "***";

bool is_variable_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

// The value of `NAME` or `NAME:-other`, the text between the braces.
Result<std::string> value_of(std::string_view inner, const FindVariable& find) {
  constexpr std::string_view kElse = ":-";
  const std::size_t end = std::min(inner.find(kElse), inner.size());
  const std::string_view name = inner.substr(0, end);
  if (!is_variable_name(name))
    return fail("in ${...} stands the name of a variable: letters, digits and _");
  std::optional<std::string> value = find(name);
  if (end < inner.size() && (!value || value->empty()))
    return std::string(inner.substr(end + kElse.size()));
  if (!value)
    return fail(fmt::format("${{{0}}} is not set: set {0} in the environment or in .env", name));
  return *std::move(value);
}

}  // namespace

bool has_references(std::string_view text) { return text.find('$') != std::string_view::npos; }

Result<std::string> resolve_references(std::string_view text, const FindVariable& find) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    out.append(text.substr(0, dollar));
    text.remove_prefix(dollar);
    if (text.empty()) break;
    if (text.starts_with("$$")) {
      out.push_back('$');
      text.remove_prefix(2);
      continue;
    }
    if (!text.starts_with("${")) return fail("a $ that stands for itself is written $$");
    const std::size_t brace = text.find('}');
    if (brace == std::string_view::npos) return fail("${ lacks its }");
    const Result<std::string> value = value_of(text.substr(2, brace - 2), find);
    if (!value) return tl::unexpected(value.error());
    out += *value;
    if (out.size() > kLongest) return fail("is longer than 64 KiB with its ${...} replaced");
    text.remove_prefix(brace + 1);
  }
  return out;
}

std::string without_references(std::string_view value) {
  std::string out;
  for (const char c : value) out.append(c == '$' ? 2 : 1, c);
  return out;
}

bool holds_secret_in_clear(std::string_view text) {
  const auto masked = [](std::string_view) { return std::optional(std::string(kMask)); };
  const Result<std::string> resolved = resolve_references(text, masked);
  if (!resolved) return false;
  std::string rest = *resolved;
  // The name of a user is not a secret: user:***@ counts as ***@.
  constexpr std::string_view kPassword = ":***@";
  for (std::size_t at = 0; (at = rest.find(kPassword, at)) != std::string::npos;) {
    const std::size_t scheme = rest.rfind("://", at);
    if (scheme == std::string::npos) break;
    rest.replace(scheme + 3, at + kPassword.size() - (scheme + 3), "***@");
    at = scheme + 3;
  }
  return mask_credentials(rest) != rest;
}

}  // namespace livestream
