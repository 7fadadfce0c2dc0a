#include "config/access_settings.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/value_forms.h"

namespace livestream {
namespace {

constexpr std::string_view kNone = "none";
constexpr std::string_view kEverybody = "*";

}  // namespace

bool parse_trusted_proxies(std::string_view value, Config& config) {
  const std::vector<std::string> items =
      value == kNone ? std::vector<std::string>() : split_list(value);
  if (!std::all_of(items.begin(), items.end(), is_network)) return false;
  config.trusted_proxies = items;
  return true;
}

std::string print_trusted_proxies(const Config& config) {
  if (config.trusted_proxies.empty()) return std::string(kNone);
  return fmt::format("{}", fmt::join(config.trusted_proxies, ","));
}

bool parse_cors_origin(std::string_view value, Config& config) {
  if (value == kNone || value == kEverybody) {
    config.cors_origin = value == kNone ? "" : kEverybody;
    return true;
  }
  const std::vector<std::string> items = split_list(value);
  if (!std::all_of(items.begin(), items.end(), is_origin)) return false;
  config.cors_origin = fmt::format("{}", fmt::join(items, ","));
  return true;
}

std::string print_cors_origin(const Config& config) {
  return config.cors_origin.empty() ? std::string(kNone) : config.cors_origin;
}

}  // namespace livestream
