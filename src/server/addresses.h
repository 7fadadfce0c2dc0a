#pragma once

#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"

namespace livestream {

// The addresses that HOST stands for: a literal, a name, or 0.0.0.0 for every address of this
// machine, IPv6 included where there is IPv6. The first one decides about the port when `port` is
// 0.
[[nodiscard]] Result<std::vector<boost::asio::ip::tcp::endpoint>> resolve_host(
    const std::string& host, std::uint16_t port);

// Fails when somebody else listens there, which SO_REUSEPORT would hide. Port 0 is always free.
[[nodiscard]] Result<void> check_free(const boost::asio::ip::tcp::endpoint& endpoint);

// What to type into a browser to reach the server that listens there: localhost, then the addresses
// in the local networks, those that work from elsewhere.
[[nodiscard]] std::vector<std::string> urls_to_open(
    const std::vector<boost::asio::ip::tcp::endpoint>& listening, std::uint16_t port);

}  // namespace livestream
