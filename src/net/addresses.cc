#include "net/addresses.h"

#include <algorithm>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <fmt/format.h>

namespace livestream {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::tcp;

bool has_ipv6() {
  boost::asio::io_context io;
  boost::system::error_code error;
  tcp::acceptor probe(io);
  probe.open(tcp::v6(), error);
  if (!error) probe.bind({boost::asio::ip::address_v6::any(), 0}, error);
  return !error;
}

std::string url(const address& host, std::uint16_t port) {
  return host.is_v6() ? fmt::format("http://[{}]:{}/", host.to_string(), port)
                      : fmt::format("http://{}:{}/", host.to_string(), port);
}

// Addresses of the interfaces that are up, without loopback and link-local ones.
std::vector<address> lan_addresses() {
  std::vector<address> found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_UP) == 0 ||
        (each->ifa_flags & IFF_LOOPBACK) != 0)
      continue;
    if (each->ifa_addr->sa_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
      found.emplace_back(boost::asio::ip::address_v4(ntohl(v4->sin_addr.s_addr)));
    } else if (each->ifa_addr->sa_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr);
      boost::asio::ip::address_v6::bytes_type bytes;
      std::copy(std::begin(v6->sin6_addr.s6_addr), std::end(v6->sin6_addr.s6_addr), bytes.begin());
      const boost::asio::ip::address_v6 candidate(bytes);
      if (!candidate.is_link_local()) found.emplace_back(candidate);
    }
  }
  return found;
}

}  // namespace

Result<std::vector<tcp::endpoint>> resolve_host(const std::string& host, std::uint16_t port) {
  boost::system::error_code error;
  const address literal = boost::asio::ip::make_address(host, error);
  if (!error) {
    std::vector<tcp::endpoint> endpoints = {{literal, port}};
    const bool every_v4 = literal == address(boost::asio::ip::address_v4::any());
    const bool every_v6 = literal == address(boost::asio::ip::address_v6::any());
    if (every_v4 && has_ipv6()) endpoints.emplace_back(boost::asio::ip::address_v6::any(), port);
    if (every_v6) endpoints.emplace_back(boost::asio::ip::address_v4::any(), port);
    return endpoints;
  }
  boost::asio::io_context io;
  tcp::resolver resolver(io);
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : resolver.resolve(host, "", error)) {
    const tcp::endpoint endpoint(entry.endpoint().address(), port);
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) == endpoints.end())
      endpoints.push_back(endpoint);
  }
  if (error || endpoints.empty()) {
    return fail(fmt::format(
        "HOST={}: this name has no address ({}); use 0.0.0.0 for every address of this machine",
        host, error.message()));
  }
  return endpoints;
}

Result<std::uint16_t> free_port(const std::vector<tcp::endpoint>& endpoints) {
  constexpr int kAttempts = 32;
  Result<std::uint16_t> found = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::uint16_t port = 0;
    for (tcp::endpoint endpoint : endpoints) {
      endpoint.port(port);
      found = check_free(endpoint);
      if (!found) break;
      port = *found;
    }
    if (found) return found;
  }
  return found;
}

Result<std::uint16_t> check_free(const tcp::endpoint& endpoint) {
  boost::asio::io_context io;
  boost::system::error_code error;
  tcp::acceptor probe(io);
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6())
    probe.set_option(boost::asio::ip::v6_only(true), error);
  if (!error) probe.bind(endpoint, error);
  if (!error) probe.listen(1, error);
  if (!error) return probe.local_endpoint().port();
  const std::string where = endpoint.address().to_string();
  if (error == boost::asio::error::address_in_use) {
    return fail(fmt::format(
        "PORT={}: something else listens there already; stop it, or choose another PORT (0 picks a "
        "free one)",
        endpoint.port()));
  }
  if (error == boost::asio::error::access_denied) {
    return fail(
        fmt::format("PORT={}: ports below 1024 need root; choose 1024 or higher", endpoint.port()));
  }
  return fail(fmt::format(
      "HOST={}: cannot listen there ({}); use an address of this machine, or 0.0.0.0 for all",
      where, error.message()));
}

std::vector<std::string> urls_to_open(const std::vector<tcp::endpoint>& listening,
                                      std::uint16_t port) {
  bool every_v4 = false;
  bool every_v6 = false;
  std::vector<std::string> urls;
  for (const tcp::endpoint& endpoint : listening) {
    if (!endpoint.address().is_unspecified()) {
      const std::string literal = url(endpoint.address(), port);
      urls.push_back(endpoint.address().is_loopback() ? fmt::format("http://localhost:{}/", port)
                                                      : literal);
      continue;
    }
    (endpoint.address().is_v4() ? every_v4 : every_v6) = true;
  }
  if (every_v4 || every_v6) urls.insert(urls.begin(), fmt::format("http://localhost:{}/", port));
  for (const address& lan : lan_addresses()) {
    if (lan.is_v4() ? every_v4 : every_v6) urls.push_back(url(lan, port));
  }
  urls.erase(std::unique(urls.begin(), urls.end()), urls.end());
  return urls;
}

}  // namespace livestream
