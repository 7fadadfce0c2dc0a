#include "config/server_settings.h"

#include <initializer_list>
#include <string_view>

#include "base/check.h"

namespace livestream {
namespace {

void append(std::vector<IpNetwork>& networks, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    const auto network = parse_ip_network(text);
    CHECK(network);
    networks.push_back(*network);
  }
}

}  // namespace

std::vector<IpNetwork> loopback_networks() {
  std::vector<IpNetwork> networks;
  append(networks, {"127.0.0.0/8", "::1"});
  return networks;
}

std::vector<IpNetwork> private_networks() {
  std::vector<IpNetwork> networks = loopback_networks();
  append(networks, {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7",
                    "fe80::/10"});
  return networks;
}

}  // namespace livestream
