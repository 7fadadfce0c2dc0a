#include "config/hook_settings.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/mask.h"
#include "base/secret_names.h"

namespace livestream {
namespace {

using Json = nlohmann::json;

// With a host, in one word.
bool is_http_address(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return false;
  const std::string scheme = to_lower_case(text.substr(0, end));
  const std::string_view rest = text.substr(end + 3);
  const auto is_part = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; };
  return (scheme == "http" || scheme == "https") && !rest.empty() && rest.front() != '/' &&
         std::all_of(rest.begin(), rest.end(), is_part);
}

std::optional<std::vector<std::string>> words_of(std::string_view text) {
  const Json list = Json::parse(text, nullptr, false);
  const auto is_word = [](const Json& item) {
    return item.is_string() && item.get_ref<const std::string&>().find('\0') == std::string::npos;
  };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_word)) return std::nullopt;
  return list.get<std::vector<std::string>>();
}

// In JSON that is YAML with the same meaning.
std::string list_of(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words)
    quoted.push_back(Json(word).dump(-1, ' ', false, Json::error_handler_t::replace));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

// Whether the word is an option whose value, a word of its own, is a credential.
bool asks_for_secret(std::string_view word) {
  if (!word.starts_with('-')) return false;
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  return is_secret_in_url(word) || is_secret_header(word) || word == "u" || word == "user";
}

}  // namespace

bool is_hook_list(std::string_view text) { return text.starts_with('['); }

std::optional<Hook> parse_hook(std::string_view text) {
  if (!is_hook_list(text)) {
    if (!is_http_address(text)) return std::nullopt;
    return Hook{.url = std::string(text), .command = {}};
  }
  auto words = words_of(text);
  if (!words || (!words->empty() && words->front().empty())) return std::nullopt;
  return Hook{.url = {}, .command = *std::move(words)};
}

std::string print_hook(const Hook& hook) {
  return hook.command.empty() ? hook.url : list_of(hook.command);
}

std::string mask_hook(const std::string& text) {
  if (!is_hook_list(text)) return mask_credentials(text);
  auto words = words_of(text);
  if (!words) return "***";
  bool is_secret = false;
  for (std::string& word : *words) {
    const bool asks = asks_for_secret(word);
    word = is_secret && !asks ? "***" : mask_credentials(word);
    is_secret = asks;
  }
  return list_of(*words);
}

}  // namespace livestream
