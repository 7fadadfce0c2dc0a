#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"

namespace livestream {

// The settings of the server as a whole: where it listens, whom it trusts, its limits and its log.
struct ServerSettings {
  std::string host = "0.0.0.0";
  // 0 picks a free port.
  std::uint16_t port = 8000;
  std::uint32_t max_clients = 100;
  // Unset: once per video frame.
  std::optional<std::chrono::milliseconds> delivery_interval;
  // 0: one per processor core.
  unsigned workers = 0;
  // The origins whose pages may read, with commas between them; `*` for all, empty for our own
  // only.
  std::string cors_origin = "*";
  // 0: no limit.
  std::uint32_t max_connections_per_address = 256;
  std::uint32_t max_requests_per_second = 200;
  // Addresses and networks.
  std::vector<std::string> trusted_proxies = {"127.0.0.0/8", "::1"};
  // A folder to serve the player from; empty: the player inside the program.
  std::string web_root;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;

  bool operator==(const ServerSettings&) const = default;
};

}  // namespace livestream
