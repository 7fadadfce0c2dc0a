#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace livestream {

// An address in the order of the network. An IPv4 address is the IPv6 address ::ffff:a.b.c.d that
// stands for it, so that a client is the same one over both kinds of socket.
using IpAddress = std::array<std::uint8_t, 16>;

// 192.0.2.1, 2001:db8::1. The zone of fe80::1%eth0 is left out.
[[nodiscard]] std::optional<IpAddress> parse_ip_address(std::string_view text);
// The address of 192.0.2.1:50000 or [2001:db8::1]:50000.
[[nodiscard]] std::optional<IpAddress> parse_ip_endpoint(std::string_view text);

// Equal for all addresses that one client may choose from: an IPv4 address, an IPv6 /64.
[[nodiscard]] std::string client_key(const IpAddress& address);

// All addresses that begin with the same bits.
struct IpNetwork {
  IpAddress first{};
  // Bits of 128; an IPv4 network of n bits has 96 + n.
  unsigned prefix = 128;

  [[nodiscard]] bool contains(const IpAddress& address) const;
  bool operator==(const IpNetwork&) const = default;
};

// An address, or a network such as 10.0.0.0/8 or 2001:db8::/32. Bits after the prefix are cleared.
[[nodiscard]] std::optional<IpNetwork> parse_ip_network(std::string_view text);
// The shortest text that means the same network.
[[nodiscard]] std::string to_string(const IpNetwork& network);

[[nodiscard]] bool contains(std::span<const IpNetwork> networks, const IpAddress& address);

}  // namespace livestream
