#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "config/settings.h"
#include "config/store.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

constexpr std::array<std::string_view, 4> kLogLevels = {"error", "warn", "info", "debug"};
constexpr std::array<std::string_view, 2> kLogFormats = {"text", "json"};
static_assert(static_cast<std::size_t>(LogLevel::kError) == 0 &&
              static_cast<std::size_t>(LogLevel::kDebug) == kLogLevels.size() - 1);
static_assert(static_cast<std::size_t>(LogFormat::kText) == 0 &&
              static_cast<std::size_t>(LogFormat::kJson) == kLogFormats.size() - 1);

bool parse_host(std::string_view value, Values& values) {
  if (value.size() > 2 && value.front() == '[' && value.back() == ']') {
    value = value.substr(1, value.size() - 2);
    if (value.find(':') == std::string_view::npos) return false;
  }
  if (!is_host(value)) return false;
  values.server.host = value;
  return true;
}

constexpr std::string_view kNone = "none";
constexpr std::string_view kEverybody = "*";

constexpr std::string_view kNetworks =
    "addresses or networks such as 10.0.0.0/8 with commas between them, or none";

bool parse_networks(std::string_view value, std::vector<IpNetwork>& networks) {
  std::vector<IpNetwork> items;
  if (value != kNone) {
    for (const std::string& item : split_list(value)) {
      const auto network = parse_ip_network(item);
      if (!network) return false;
      items.push_back(*network);
    }
  }
  networks = std::move(items);
  return true;
}

std::string print_networks(const std::vector<IpNetwork>& networks) {
  if (networks.empty()) return std::string(kNone);
  std::vector<std::string> items;
  for (const IpNetwork& network : networks) items.push_back(to_string(network));
  return fmt::format("{}", fmt::join(items, ","));
}

bool parse_cors_origin(std::string_view value, Values& values) {
  if (value == kNone || value == kEverybody) {
    values.server.cors_origin = value == kNone ? "" : kEverybody;
    return true;
  }
  std::vector<std::string> origins;
  for (const std::string& item : split_list(value)) {
    const auto origin = parse_origin(item);
    if (!origin) return false;
    origins.push_back(*origin);
  }
  values.server.cors_origin = fmt::format("{}", fmt::join(origins, ","));
  return true;
}

std::string print_cors_origin(const Values& values) {
  return values.server.cors_origin.empty() ? std::string(kNone) : values.server.cors_origin;
}

constexpr std::array kSettings = {
    Setting{
        .key = "HOST",
        .placeholder = "ADDRESS",
        .allowed = "an IPv4 or IPv6 address or a host name, such as 0.0.0.0, :: or localhost",
        .help = "Address to listen on.",
        .unset = "",
        .parse = parse_host,
        .print = [](const Values& values) { return values.server.host; },
    },
    Setting{
        .key = "PORT",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 65535 (0 picks a free port)",
        .help = "Port to listen on; 0 picks a free one.",
        .unset = "",
        .shape = Shape::kWhole,
        .lowest = 0,
        .highest = 65'535,
        .parse = [](std::string_view value,
                    Values& values) { return store_whole(value, 0, 65535, values.server.port); },
        .print = [](const Values& values) { return fmt::to_string(values.server.port); },
    },
    Setting{
        .key = "MAX_CLIENTS",
        .placeholder = "N",
        .allowed = "a whole number from 1 to 1000000",
        .help = "Viewers at a time; more get 503.",
        .unset = "",
        .shape = Shape::kWhole,
        .lowest = 1,
        .highest = 1'000'000,
        .parse =
            [](std::string_view value, Values& values) {
              return store_whole(value, 1, 1'000'000, values.server.max_clients);
            },
        .print = [](const Values& values) { return fmt::to_string(values.server.max_clients); },
    },
    Setting{
        .key = "FAIR_CLIENTS_PER_ADDRESS",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 1000000",
        .help = "The last quarter of MAX_CLIENTS is kept for client addresses that hold fewer "
                "places than this; 0 for no such limit.",
        .unset = "",
        .shape = Shape::kWhole,
        .lowest = 0,
        .highest = 1'000'000,
        .parse =
            [](std::string_view value, Values& values) {
              return store_whole(value, 0, 1'000'000, values.server.fair_clients_per_address);
            },
        .print =
            [](const Values& values) {
              return fmt::to_string(values.server.fair_clients_per_address);
            },
    },
    Setting{
        .key = "MAX_CONNECTIONS_PER_ADDRESS",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 1000000",
        .help = "Requests under way, and idle connections, of one client address at a time; 0 for "
                "no limit.",
        .unset = "",
        .shape = Shape::kWhole,
        .lowest = 0,
        .highest = 1'000'000,
        .parse =
            [](std::string_view value, Values& values) {
              return store_whole(value, 0, 1'000'000, values.server.max_connections_per_address);
            },
        .print =
            [](const Values& values) {
              return fmt::to_string(values.server.max_connections_per_address);
            },
    },
    Setting{
        .key = "MAX_REQUESTS_PER_SECOND",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 1000000",
        .help = "Requests of one client address per second, where a page load counts as about two; "
                "more get 429; 0 for no limit.",
        .unset = "",
        .shape = Shape::kWhole,
        .lowest = 0,
        .highest = 1'000'000,
        .parse =
            [](std::string_view value, Values& values) {
              return store_whole(value, 0, 1'000'000, values.server.max_requests_per_second);
            },
        .print =
            [](const Values& values) {
              return fmt::to_string(values.server.max_requests_per_second);
            },
    },
    Setting{
        .key = "TRUSTED_PROXIES",
        .placeholder = "LIST",
        .allowed = kNetworks,
        .help = "Proxies whose X-Forwarded-For counts, and to which no limit per address applies.",
        .unset = "",
        .list = true,
        .parse =
            [](std::string_view value, Values& values) {
              return parse_networks(value, values.server.trusted_proxies);
            },
        .print = [](const Values& values) { return print_networks(values.server.trusted_proxies); },
    },
    Setting{
        .key = "STATS_VIEWERS",
        .placeholder = "LIST",
        .allowed = kNetworks,
        .help = "Clients to which /stats tells the addresses and programs of viewers.",
        .unset = "",
        .list = true,
        .parse = [](std::string_view value,
                    Values& values) { return parse_networks(value, values.server.stats_viewers); },
        .print = [](const Values& values) { return print_networks(values.server.stats_viewers); },
    },
    Setting{
        .key = "CORS_ORIGIN",
        .placeholder = "LIST",
        .allowed = "*, origins such as https://example.org with commas between them, or none; an "
                   "origin is "
                   "http:// or https://, a host and perhaps a port, without a path or a wildcard",
        .help = "Other origins whose pages may read, embed and open WebSockets.",
        .unset = "",
        .list = true,
        .parse = parse_cors_origin,
        .print = print_cors_origin,
    },
    Setting{
        .key = "DELIVERY_INTERVAL_MS",
        .placeholder = "N",
        .allowed = "a whole number of milliseconds from 0 to 1000",
        .help = "Pace of the writes to viewers: longer costs delay and saves processor time.",
        .unset = "once per video frame",
        .shape = Shape::kWhole,
        .lowest = 0,
        .highest = 1000,
        .parse =
            [](std::string_view value, Values& values) {
              const auto interval_ms = parse_whole(value, 0, 1000);
              if (interval_ms)
                values.server.delivery_interval = std::chrono::milliseconds(*interval_ms);
              return interval_ms.has_value();
            },
        .print =
            [](const Values& values) {
              return values.server.delivery_interval
                         ? fmt::to_string(values.server.delivery_interval->count())
                         : "";
            },
    },
    Setting{
        .key = "WORKERS",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 256 (0 means one per processor core)",
        .help = "Threads that serve viewers; 0 is one per processor core.",
        .unset = "",
        .shape = Shape::kWhole,
        .lowest = 0,
        .highest = 256,
        .parse = [](std::string_view value,
                    Values& values) { return store_whole(value, 0, 256, values.server.workers); },
        .print = [](const Values& values) { return fmt::to_string(values.server.workers); },
    },
    Setting{
        .key = "LOG_LEVEL",
        .placeholder = "LEVEL",
        .allowed = "error, warn, info or debug",
        .help = "How much to log on standard error: error, warn, info or debug.",
        .unset = "",
        .shape = Shape::kWord,
        .words = kLogLevels,
        .parse =
            [](std::string_view value, Values& values) {
              return store_word(kLogLevels, value, values.server.log_level);
            },
        .print = [](const Values& values) { return word_of(kLogLevels, values.server.log_level); },
    },
    Setting{
        .key = "LOG_FORMAT",
        .placeholder = "FORMAT",
        .allowed = "text or json",
        .help = "text, or json: one object to a line.",
        .unset = "",
        .shape = Shape::kWord,
        .words = kLogFormats,
        .parse =
            [](std::string_view value, Values& values) {
              return store_word(kLogFormats, value, values.server.log_format);
            },
        .print =
            [](const Values& values) {
              return std::string(
                  kLogFormats.at(static_cast<std::size_t>(values.server.log_format)));
            },
    },
    Setting{
        .key = "WEB_ROOT",
        .placeholder = "FOLDER",
        .allowed = kOneLine,
        .help = "Serve the player from this folder (to work on the player).",
        .unset = "the player inside the program",
        .flag_only = true,
        .parse = [](std::string_view value,
                    Values& values) { return store_line(value, values.server.web_root); },
        .print = [](const Values& values) { return values.server.web_root; },
    },
};

}  // namespace

std::span<const Setting> server_settings() { return kSettings; }

}  // namespace livestream
