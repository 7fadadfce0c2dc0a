#include "base/ip_network.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace livestream {
namespace {

constexpr IpAddress kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

bool is_mapped(const IpAddress& address) {
  return std::equal(kMapped.begin(), kMapped.begin() + kMappedBits / 8, address.begin());
}

// Without a zone.
std::optional<IpAddress> parse_plain(std::string_view text) {
  // inet_pton would stop reading there.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  IpAddress address = kMapped;
  if (inet_pton(AF_INET, terminated.c_str(), address.data() + kMappedBits / 8) == 1) return address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::uint8_t mask_of_byte(std::size_t byte, unsigned prefix) {
  const unsigned before = static_cast<unsigned>(byte) * 8;
  if (prefix >= before + 8) return 0xff;
  if (prefix <= before) return 0;
  return static_cast<std::uint8_t>(0xff00U >> (prefix - before));
}

}  // namespace

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  const std::size_t zone = text.find('%');
  if (zone == std::string_view::npos) return parse_plain(text);
  const auto address = parse_plain(text.substr(0, zone));
  const bool has_zone = address && !is_mapped(*address) && zone + 1 < text.size();
  return has_zone ? address : std::nullopt;
}

std::optional<IpAddress> parse_ip_endpoint(std::string_view text) {
  if (!text.starts_with('[')) return parse_ip_address(text.substr(0, text.rfind(':')));
  return parse_ip_address(text.substr(1, text.substr(1).find(']')));
}

std::string client_key(const IpAddress& address) {
  return {reinterpret_cast<const char*>(address.data()),
          is_mapped(address) ? address.size() : address.size() / 2};
}

std::optional<IpNetwork> parse_ip_network(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto first = parse_plain(text.substr(0, slash));
  if (!first) return std::nullopt;
  IpNetwork network = {*first, 128};
  if (slash == text.size()) return network;
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() || bits > (v4 ? 32U : 128U))
    return std::nullopt;
  network.prefix = bits + (v4 ? kMappedBits : 0);
  for (std::size_t i = 0; i < network.first.size(); ++i)
    network.first[i] &= mask_of_byte(i, network.prefix);
  return network;
}

std::string to_string(const IpNetwork& network) {
  const bool v4 = is_mapped(network.first) && network.prefix >= kMappedBits;
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(v4 ? AF_INET : AF_INET6, network.first.data() + (v4 ? kMappedBits / 8 : 0), text.data(),
            text.size());
  if (network.prefix == 128) return text.data();
  return std::string(text.data()) + "/" + std::to_string(network.prefix - (v4 ? kMappedBits : 0));
}

bool IpNetwork::contains(const IpAddress& address) const {
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (((first[i] ^ address[i]) & mask_of_byte(i, prefix)) != 0) return false;
  }
  return true;
}

bool contains(std::span<const IpNetwork> networks, const IpAddress& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const IpNetwork& network) { return network.contains(address); });
}

}  // namespace livestream
