#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace livestream {

// The network that an address belongs to, seen from this machine.
enum class AddressScope : std::uint8_t {
  kPublic,
  // Of a network that the Internet does not route to: RFC 1918, RFC 6598, RFC 4193.
  kPrivate,
  // Of this machine.
  kLoopback,
  // Of the link, and where clouds keep the credentials of their machines.
  kLinkLocal,
  // Multicast, documentation, not assigned: nothing to connect to.
  kReserved,
};

// An IPv6 address that carries an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo, ISATAP) is
// judged by the latter.
[[nodiscard]] AddressScope scope_of(const boost::asio::ip::address& address);

// Whether a source at a `from` address may lead to a `to` address other than its own: never to a
// place that is closer to this machine than the source itself, and never to the link.
[[nodiscard]] bool may_lead_to(AddressScope from, AddressScope to);

// Decides where one run of a source may connect to. The host that the user typed is always allowed,
// and its addresses decide about the others; where they differ, the one furthest from this machine.
// When its name resolves to other addresses later, the run's rights only shrink: the source's owner
// may be the owner of the name too. Has no sockets; belongs to one thread.
class AddressPolicy {
 public:
  // The host of the source's URL: a name or an address.
  explicit AddressPolicy(std::string_view source_host);

  // Those of the `addresses` of `host` that may be connected to, in their order.
  [[nodiscard]] std::vector<boost::asio::ip::address> allowed(
      std::string_view host, const std::vector<boost::asio::ip::address>& addresses);

 private:
  void learn(const std::vector<boost::asio::ip::address>& addresses);
  [[nodiscard]] bool allows(const boost::asio::ip::address& address) const;

  const std::string source_host_;
  // Nothing until the host is resolved; public until then.
  std::optional<AddressScope> scope_;
  std::vector<boost::asio::ip::address> own_addresses_;
};

// Why `host` is not connected to, and the cure: one line for users. `address` is one of its own.
[[nodiscard]] std::string refusal(std::string_view host, const boost::asio::ip::address& address);

// The host of an http or https URL, as typed: without user, port and brackets.
[[nodiscard]] std::string host_of_url(std::string_view url);

}  // namespace livestream
