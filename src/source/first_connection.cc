#include "source/first_connection.h"

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace livestream {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kUseTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kNextAfter{250};

struct Race {
  explicit Race(const asio::any_io_executor& executor) : news(executor) {}

  // Expires when the next address is due; cancelled when an attempt has ended.
  asio::steady_timer news;
  std::vector<tcp::socket> sockets;
  std::optional<std::size_t> winner;
  std::size_t failures = 0;
  error_code error = asio::error::host_not_found;
};

asio::awaitable<void> attempt(std::shared_ptr<Race> race, std::size_t index,
                              tcp::endpoint endpoint) {
  const auto [error] = co_await race->sockets[index].async_connect(endpoint, kUseTuple);
  if (!error && !race->winner) race->winner = index;
  if (error) {
    ++race->failures;
    race->error = error;
  }
  race->news.cancel();
}

}  // namespace

asio::awaitable<boost::system::result<tcp::socket>> connect_to_first(
    std::vector<tcp::endpoint> endpoints) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto race = std::make_shared<Race>(executor);
  const auto deadline = std::chrono::steady_clock::now() + kConnectTime;
  // The attempts keep references into it.
  race->sockets.reserve(endpoints.size());
  while (!race->winner && race->failures < endpoints.size()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) {
      race->error = asio::error::timed_out;
      break;
    }
    const std::size_t next = race->sockets.size();
    if (next < endpoints.size()) {
      race->sockets.emplace_back(executor);
      race->news.expires_after(kNextAfter);
      asio::co_spawn(executor, attempt(race, next, endpoints[next]), asio::detached);
    } else {
      race->news.expires_at(deadline);
    }
    co_await race->news.async_wait(kUseTuple);
  }
  if (!race->winner) {
    for (tcp::socket& socket : race->sockets) socket.close();
    co_return race->error;
  }
  tcp::socket socket = std::move(race->sockets[*race->winner]);
  for (tcp::socket& other : race->sockets) {
    error_code ignored;
    other.close(ignored);
  }
  co_return socket;
}

}  // namespace livestream
