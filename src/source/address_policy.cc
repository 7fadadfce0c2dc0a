#include "source/address_policy.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <fmt/format.h>

namespace livestream {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

struct NetworkV4 {
  std::uint32_t first;
  int prefix;
  AddressScope scope;
};

constexpr std::uint32_t ipv4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// The first entry that holds the address counts. IANA's registry of special-purpose addresses, and
// the metadata services that clouds keep in other ranges (Alibaba, Azure).
constexpr std::array kNetworksV4 = std::to_array<NetworkV4>({
    {ipv4(100, 100, 100, 200), 32, AddressScope::kLinkLocal},
    {ipv4(168, 63, 129, 16), 32, AddressScope::kLinkLocal},
    {ipv4(0, 0, 0, 0), 8, AddressScope::kLoopback},
    {ipv4(127, 0, 0, 0), 8, AddressScope::kLoopback},
    {ipv4(169, 254, 0, 0), 16, AddressScope::kLinkLocal},
    {ipv4(10, 0, 0, 0), 8, AddressScope::kPrivate},
    {ipv4(172, 16, 0, 0), 12, AddressScope::kPrivate},
    {ipv4(192, 168, 0, 0), 16, AddressScope::kPrivate},
    {ipv4(100, 64, 0, 0), 10, AddressScope::kPrivate},
    {ipv4(198, 18, 0, 0), 15, AddressScope::kPrivate},
    {ipv4(192, 0, 0, 0), 24, AddressScope::kReserved},
    {ipv4(192, 0, 2, 0), 24, AddressScope::kReserved},
    {ipv4(198, 51, 100, 0), 24, AddressScope::kReserved},
    {ipv4(203, 0, 113, 0), 24, AddressScope::kReserved},
    {ipv4(224, 0, 0, 0), 3, AddressScope::kReserved},
});

AddressScope scope_of_v4(std::uint32_t bits) {
  for (const NetworkV4& network : kNetworksV4) {
    if ((bits ^ network.first) >> (32 - network.prefix) == 0) return network.scope;
  }
  return AddressScope::kPublic;
}

std::uint32_t word(const address_v6::bytes_type& bytes, std::size_t at) {
  return ipv4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

std::optional<std::uint32_t> embedded_v4(const address_v6::bytes_type& bytes) {
  const std::uint32_t first = word(bytes, 0);
  const std::uint32_t second = word(bytes, 4);
  const std::uint32_t third = word(bytes, 8);
  const std::uint32_t last = word(bytes, 12);
  const bool mapped = first == 0 && second == 0 && third == 0xffff;
  const bool translated = first == 0 && second == 0 && third == 0xffff0000;
  const bool compatible = first == 0 && second == 0 && third == 0 && last > 1;
  const bool nat64 = first == 0x0064ff9b && (second == 0 || second >> 16 == 1);
  const bool isatap = (third & ~0x02000000U) == 0x00005efe;
  if (mapped || translated || compatible || nat64 || isatap) return last;
  if (first >> 16 == 0x2002) return first << 16 | second >> 16;
  const bool teredo = first == 0x20010000;
  if (teredo) return ~last;
  return std::nullopt;
}

AddressScope scope_of_v6(const address_v6::bytes_type& bytes) {
  const std::uint32_t first = word(bytes, 0);
  if (first >> 22 == 0xfe80 >> 6) return AddressScope::kLinkLocal;
  if (const auto embedded = embedded_v4(bytes)) return scope_of_v4(*embedded);
  const bool is_zero = first == 0 && word(bytes, 4) == 0 && word(bytes, 8) == 0;
  // :: and ::1; an IPv4-compatible address is longer.
  if (is_zero) return AddressScope::kLoopback;
  // The metadata service of AWS, fd00:ec2::254.
  const bool aws = first == 0xfd000ec2 && word(bytes, 4) == 0 && word(bytes, 8) == 0;
  if (aws && word(bytes, 12) == 0x254) return AddressScope::kLinkLocal;
  if (first >> 25 == 0xfc >> 1) return AddressScope::kPrivate;
  // Site-local, deprecated but still in use (RFC 3879).
  if (first >> 22 == 0xfec0 >> 6) return AddressScope::kPrivate;
  const bool documentation = first == 0x20010db8;
  // Global unicast is 2000::/3.
  return first >> 29 == 1 && !documentation ? AddressScope::kPublic : AddressScope::kReserved;
}

// How close to this machine: a source at a distance may lead to what is further away.
int closeness(AddressScope scope) {
  switch (scope) {
    case AddressScope::kPublic:
    case AddressScope::kReserved:
      return 0;
    case AddressScope::kPrivate:
    case AddressScope::kLinkLocal:
      return 1;
    case AddressScope::kLoopback:
      return 2;
  }
  return 0;
}

std::string_view describe(AddressScope scope) {
  switch (scope) {
    case AddressScope::kPublic:
      return "a public address";
    case AddressScope::kPrivate:
      return "an address of a private network";
    case AddressScope::kLoopback:
      return "an address of this machine";
    case AddressScope::kLinkLocal:
      return "a link-local or metadata address";
    case AddressScope::kReserved:
      return "a reserved address";
  }
  return "";
}

// Lower case, without brackets and the dot that ends an absolute name.
std::string plain_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string plain(host);
  std::transform(plain.begin(), plain.end(), plain.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return plain;
}

}  // namespace

AddressScope scope_of(const address& address) {
  return address.is_v4() ? scope_of_v4(address.to_v4().to_uint())
                         : scope_of_v6(address.to_v6().to_bytes());
}

bool may_lead_to(AddressScope from, AddressScope to) {
  if (to == AddressScope::kLinkLocal || to == AddressScope::kReserved) return false;
  return closeness(from) >= closeness(to);
}

AddressPolicy::AddressPolicy(std::string_view source_host)
    : source_host_(plain_host(source_host)) {}

std::vector<address> AddressPolicy::allowed(std::string_view host,
                                            const std::vector<address>& addresses) {
  if (!addresses.empty() && plain_host(host) == source_host_) learn(addresses);
  std::vector<address> good;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(good),
               [this](const address& one) { return allows(one); });
  return good;
}

void AddressPolicy::learn(const std::vector<address>& addresses) {
  const auto furthest = std::min_element(
      addresses.begin(), addresses.end(), [](const address& one, const address& other) {
        return closeness(scope_of(one)) < closeness(scope_of(other));
      });
  const AddressScope scope = scope_of(*furthest);
  const bool first = !scope_;
  if (!first && closeness(scope) >= closeness(*scope_)) return;
  scope_ = scope;
  own_addresses_.clear();
  if (!first) return;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(own_addresses_),
               [&](const address& one) { return closeness(scope_of(one)) == closeness(scope); });
}

bool AddressPolicy::allows(const address& address) const {
  const auto own = std::find(own_addresses_.begin(), own_addresses_.end(), address);
  if (own != own_addresses_.end()) return true;
  return may_lead_to(scope_.value_or(AddressScope::kPublic), scope_of(address));
}

std::string refusal(std::string_view host, const address& address) {
  const std::string numeric = address.to_string();
  const std::string place =
      plain_host(host) == numeric ? numeric : fmt::format("{} ({})", host, numeric);
  return fmt::format("the source leads to {}, {}: refused; SOURCE_ADDRESSES=any allows it", place,
                     describe(scope_of(address)));
}

std::string host_of_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const std::size_t user = url.rfind('@');
  if (user != std::string_view::npos) url.remove_prefix(user + 1);
  if (url.starts_with('[')) {
    const std::size_t end = url.find(']');
    return std::string(url.substr(1, end == std::string_view::npos ? end : end - 1));
  }
  return std::string(url.substr(0, url.find(':')));
}

}  // namespace livestream
