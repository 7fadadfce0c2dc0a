#pragma once

#include <chrono>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

namespace livestream {

// Connects to the first of several addresses of one server that answers. The next one is tried as
// soon as the one before has failed, or beside it after a quarter of a second (RFC 8305), so an
// address that swallows everything costs no more than that. `endpoints` is not empty. Fails with
// the last address's error, or timed_out after kConnectTime.
[[nodiscard]] boost::asio::awaitable<boost::system::result<boost::asio::ip::tcp::socket>>
connect_to_first(std::vector<boost::asio::ip::tcp::endpoint> endpoints);

constexpr std::chrono::seconds kConnectTime{20};

}  // namespace livestream
