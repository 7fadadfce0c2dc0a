#pragma once

#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"

namespace livestream {

// The addresses that HOST stands for: a literal, a name, or 0.0.0.0 for every address of this
// machine, IPv6 included where there is IPv6.
[[nodiscard]] Result<std::vector<boost::asio::ip::tcp::endpoint>> resolve_host(
    const std::string& host, std::uint16_t port);

// The endpoint's port, or for 0 one that is free there. Fails when another program listens there,
// which SO_REUSEPORT would hide.
[[nodiscard]] Result<std::uint16_t> check_free(const boost::asio::ip::tcp::endpoint& endpoint);
// A port that is free on all of these addresses, whatever theirs is.
[[nodiscard]] Result<std::uint16_t> free_port(
    const std::vector<boost::asio::ip::tcp::endpoint>& endpoints);

// The addresses to type into a browser: localhost, then those in the local networks, which work
// from other devices.
[[nodiscard]] std::vector<std::string> urls_to_open(
    const std::vector<boost::asio::ip::tcp::endpoint>& listening, std::uint16_t port);

}  // namespace livestream
