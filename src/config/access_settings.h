#pragma once

#include <string>
#include <string_view>

#include "config/config.h"

namespace livestream {

// The settings that say whom the server trusts, as text: lists with commas between the items, or
// `none`. Parsers store what is well formed and return false for the rest.

// TRUSTED_PROXIES: addresses and networks.
bool parse_trusted_proxies(std::string_view value, Config& config);
[[nodiscard]] std::string print_trusted_proxies(const Config& config);

// CORS_ORIGIN: web origins, or `*` for all.
bool parse_cors_origin(std::string_view value, Config& config);
[[nodiscard]] std::string print_cors_origin(const Config& config);

}  // namespace livestream
