#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_network.h"
#include "base/log_level.h"

namespace livestream {

// 127.0.0.0/8 and ::1; the second list adds the private and link-local networks (RFC 1918, RFC
// 3927, RFC 4193, RFC 4291).
[[nodiscard]] std::vector<IpNetwork> loopback_networks();
[[nodiscard]] std::vector<IpNetwork> private_networks();

// The settings of the server as a whole: where it listens, whom it trusts, its limits and its log.
struct ServerSettings {
  std::string host = "0.0.0.0";
  // 0 picks a free port.
  std::uint16_t port = 8000;
  std::uint32_t max_clients = 100;
  // The last quarter of max_clients is kept for addresses that hold fewer places than this; 0: any
  // address may take any place.
  std::uint32_t fair_clients_per_address = 8;
  // Unset: once per video frame.
  std::optional<std::chrono::milliseconds> delivery_interval;
  // 0: one per processor core.
  unsigned workers = 0;
  // The origins whose pages may read, with commas between them; `*` for all, empty for our own
  // only.
  std::string cors_origin = "*";
  // 0: no limit.
  std::uint32_t max_connections_per_address = 1000;
  std::uint32_t max_requests_per_second = 200;
  std::vector<IpNetwork> trusted_proxies = loopback_networks();
  // The clients to which /stats tells the addresses and programs of viewers; empty: to no client.
  std::vector<IpNetwork> stats_viewers = private_networks();
  // A folder to serve the player from; empty: the player inside the program.
  std::string web_root;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;

  bool operator==(const ServerSettings&) const = default;
};

}  // namespace livestream
