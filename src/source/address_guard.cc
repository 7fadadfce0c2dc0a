#include "source/address_guard.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <random>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "source/address_policy.h"
#include "source/first_connection.h"
#include "source/proxy_request.h"

// g++ 12 takes the frame of a coroutine for memory of plain `new` (GCC bug 109224).
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace livestream {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr auto kUseTuple = asio::as_tuple(asio::use_awaitable);
// For a request on a new connection: ffmpeg sends it at once.
constexpr std::chrono::seconds kFirstRequestTime{10};
constexpr std::chrono::seconds kAcceptAgainAfter{1};
// A playlist with many renditions has a connection for each.
constexpr std::size_t kMostConnections = 128;
constexpr std::size_t kChunk = 1 << 16;
// The kernel's own limit is megabytes, and what waits there is late.
constexpr int kSendBuffer = 1 << 18;

constexpr std::string_view kAskForPassword =
    "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"guard\"\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view kForbidden =
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view kBadGateway =
    "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view kBadRequest =
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view kTunnelOpen = "HTTP/1.1 200 Connection established\r\n\r\n";

// 96 bits: short, because ffmpeg cuts the address of a proxy and its destination at 200 characters.
std::string random_password() {
  std::random_device random;
  std::string password;
  for (int i = 0; i < 3; ++i) password += fmt::format("{:08x}", random());
  return "g:" + password;
}

void shut(tcp::socket& socket) {
  error_code ignored;
  socket.close(ignored);
}

// The peer gets a reset instead of a proper end.
void reset(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace

// Shared by the guard and its connections, which may outlive the guard by a turn of the loop.
class AddressGuard::Shared : public std::enable_shared_from_this<Shared> {
 public:
  Shared(asio::io_context& io, const std::string& source_host,
         std::function<void(std::string)> refused)
      : loop(io), acceptor(io), policy(source_host), on_refused(std::move(refused)) {}

  void close();
  void refuse(const std::string& host, const asio::ip::address& address);
  static asio::awaitable<void> accept(std::shared_ptr<Shared> self);
  void on_received();

  asio::io_context& loop;
  tcp::acceptor acceptor;
  AddressPolicy policy;
  std::function<void(std::string)> on_refused;
  const std::string password = random_password();
  const std::string credentials = basic_credentials(password);
  std::string trouble;
  std::optional<steady_clock::time_point> first_received;
  steady_clock::time_point last_received;
  std::unordered_set<Connection*> connections;
  std::unordered_set<std::string> told;
};

// One connection of ffmpeg and the one to a server that belongs to it. Two coroutines hold it: one
// reads requests (or the tunnel's bytes), the other one relays the answers.
class AddressGuard::Connection {
 public:
  Connection(std::shared_ptr<Shared> shared, tcp::socket client)
      : shared_(std::move(shared)),
        client_(std::move(client)),
        server_(shared_->loop),
        resolver_(shared_->loop),
        timer_(shared_->loop) {
    shared_->connections.insert(this);
  }
  ~Connection() { shared_->connections.erase(this); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void close() {
    closed_ = true;
    resolver_.cancel();
    timer_.cancel();
    shut(client_);
    shut(server_);
  }

  static asio::awaitable<void> serve(std::shared_ptr<Connection> self);

 private:
  // Awaited where they are called, so what they get by reference outlives them. (g++ 12 destroys a
  // structure that a coroutine gets by value twice.)
  asio::awaitable<bool> read_request(ProxyRequest& request);
  asio::awaitable<bool> carry_out(const std::shared_ptr<Connection>& self,
                                  const ProxyRequest& request);
  asio::awaitable<bool> connect(const std::string& host, std::uint16_t port);
  asio::awaitable<std::vector<asio::ip::address>> resolve(const std::string& host);
  asio::awaitable<bool> answer(std::string_view text);
  static asio::awaitable<void> relay_answers(std::shared_ptr<Connection> self);
  static asio::awaitable<void> relay_tunnel(std::shared_ptr<Connection> self);
  void watch_first_request(const std::shared_ptr<Connection>& self);

  const std::shared_ptr<Shared> shared_;
  tcp::socket client_;
  tcp::socket server_;
  tcp::resolver resolver_;
  asio::steady_timer timer_;
  bool closed_ = false;
  // Where server_ is connected to; empty before.
  std::string host_;
  std::uint16_t port_ = 0;
  // Bytes of the client that are not carried out yet.
  std::string received_;
};

void AddressGuard::Shared::close() {
  error_code ignored;
  acceptor.close(ignored);
  on_refused = nullptr;
  for (Connection* connection : connections) connection->close();
}

void AddressGuard::Shared::refuse(const std::string& host, const asio::ip::address& address) {
  trouble = refusal(host, address);
  if (told.size() >= kMostRefusals || !told.insert(trouble).second) return;
  if (on_refused) on_refused(trouble);
}

void AddressGuard::Shared::on_received() {
  last_received = steady_clock::now();
  if (!first_received) first_received = last_received;
}

asio::awaitable<void> AddressGuard::Shared::accept(std::shared_ptr<Shared> self) {
  asio::steady_timer pause(self->loop);
  while (self->acceptor.is_open()) {
    auto [error, client] = co_await self->acceptor.async_accept(kUseTuple);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      // Out of descriptors, most likely.
      pause.expires_after(kAcceptAgainAfter);
      co_await pause.async_wait(kUseTuple);
      continue;
    }
    if (self->connections.size() >= kMostConnections) continue;
    const auto connection = std::make_shared<Connection>(self, std::move(client));
    asio::co_spawn(self->loop, Connection::serve(connection), asio::detached);
  }
}

asio::awaitable<void> AddressGuard::Connection::serve(std::shared_ptr<Connection> self) {
  error_code ignored;
  self->client_.set_option(tcp::no_delay(true), ignored);
  self->client_.set_option(asio::socket_base::send_buffer_size(kSendBuffer), ignored);
  self->watch_first_request(self);
  ProxyRequest request;
  while (co_await self->read_request(request)) {
    const bool goes_on = co_await self->carry_out(self, request);
    if (!goes_on) break;
  }
  self->close();
}

void AddressGuard::Connection::watch_first_request(const std::shared_ptr<Connection>& self) {
  timer_.expires_after(kFirstRequestTime);
  timer_.async_wait([weak = std::weak_ptr(self)](error_code cancelled) {
    const auto connection = weak.lock();
    if (!cancelled && connection) connection->close();
  });
}

// False at the end of the connection, or after a bad request.
asio::awaitable<bool> AddressGuard::Connection::read_request(ProxyRequest& request) {
  std::array<char, 1 << 12> chunk;
  while (!closed_) {
    Result<std::optional<ProxyRequest>> read = read_proxy_request(received_);
    if (!read) {
      shared_->trouble = fmt::format("ffmpeg asks for {}: not carried out", read.error().message);
      co_await answer(kBadRequest);
      co_return false;
    }
    if (*read) {
      request = std::move(**read);
      received_.erase(0, request.size);
      timer_.cancel();
      co_return true;
    }
    const auto [error, size] = co_await client_.async_read_some(asio::buffer(chunk), kUseTuple);
    if (error) co_return false;
    received_.append(chunk.data(), size);
  }
  co_return false;
}

// True when the connection goes on with another request.
asio::awaitable<bool> AddressGuard::Connection::carry_out(const std::shared_ptr<Connection>& self,
                                                          const ProxyRequest& request) {
  if (request.credentials != shared_->credentials) {
    co_await answer(kAskForPassword);
    co_return false;
  }
  const bool is_new = host_.empty();
  // ffmpeg opens a connection for each server.
  if (!is_new && (request.is_tunnel || request.host != host_ || request.port != port_))
    co_return false;
  if (is_new) {
    const bool connected = co_await connect(request.host, request.port);
    if (!connected) co_return false;
    if (request.is_tunnel) {
      const bool told = co_await answer(kTunnelOpen);
      if (!told) co_return false;
    }
    asio::co_spawn(shared_->loop, relay_answers(self), asio::detached);
  }
  if (request.is_tunnel) {
    co_await relay_tunnel(self);
    co_return false;
  }
  const auto [error, size] =
      co_await asio::async_write(server_, asio::buffer(request.head), kUseTuple);
  co_return !error;
}

// Connects to an allowed address of the host, or answers why not.
asio::awaitable<bool> AddressGuard::Connection::connect(const std::string& host,
                                                        std::uint16_t port) {
  const std::vector<asio::ip::address> addresses = co_await resolve(host);
  if (closed_) co_return false;
  if (addresses.empty()) {
    shared_->trouble = fmt::format("Failed to resolve hostname {}", host);
    co_await answer(kBadGateway);
    co_return false;
  }
  std::vector<tcp::endpoint> endpoints;
  for (const asio::ip::address& address : shared_->policy.allowed(host, addresses))
    endpoints.emplace_back(address, port);
  if (endpoints.empty()) {
    shared_->refuse(host, addresses.front());
    co_await answer(kForbidden);
    co_return false;
  }
  auto server = co_await connect_to_first(std::move(endpoints));
  if (closed_) co_return false;
  if (!server) {
    shared_->trouble = fmt::format("{}:{}: {}", host, port, server.error().message());
    co_await answer(kBadGateway);
    co_return false;
  }
  server_ = std::move(*server);
  error_code ignored;
  server_.set_option(tcp::no_delay(true), ignored);
  host_ = host;
  port_ = port;
  shared_->trouble.clear();
  co_return true;
}

// Empty when the host is not known. An address needs no resolver, whose one thread may be waiting
// for another source's name server.
asio::awaitable<std::vector<asio::ip::address>> AddressGuard::Connection::resolve(
    const std::string& host) {
  std::vector<asio::ip::address> addresses;
  error_code error;
  const asio::ip::address literal = asio::ip::make_address(host, error);
  if (!error) {
    addresses.push_back(literal);
    co_return addresses;
  }
  const auto [failed, results] = co_await resolver_.async_resolve(host, "", kUseTuple);
  if (failed) co_return addresses;
  for (const auto& result : results) addresses.push_back(result.endpoint().address());
  co_return addresses;
}

asio::awaitable<bool> AddressGuard::Connection::answer(std::string_view text) {
  const auto [error, size] = co_await asio::async_write(client_, asio::buffer(text), kUseTuple);
  co_return !error;
}

asio::awaitable<void> AddressGuard::Connection::relay_answers(std::shared_ptr<Connection> self) {
  std::vector<char> chunk(kChunk);
  while (!self->closed_) {
    const auto [error, size] =
        co_await self->server_.async_read_some(asio::buffer(chunk), kUseTuple);
    if (error == asio::error::eof) {
      error_code ignored;
      self->client_.shutdown(tcp::socket::shutdown_send, ignored);
      co_return;
    }
    if (error) {
      reset(self->client_);
      co_return;
    }
    self->shared_->on_received();
    const auto [broken, written] =
        co_await asio::async_write(self->client_, asio::buffer(chunk.data(), size), kUseTuple);
    if (broken) {
      self->close();
      co_return;
    }
  }
}

asio::awaitable<void> AddressGuard::Connection::relay_tunnel(std::shared_ptr<Connection> self) {
  std::string& chunk = self->received_;
  while (!self->closed_) {
    const auto [broken, written] =
        co_await asio::async_write(self->server_, asio::buffer(chunk), kUseTuple);
    if (broken) co_return;
    chunk.resize(kChunk);
    const auto [error, size] =
        co_await self->client_.async_read_some(asio::buffer(chunk), kUseTuple);
    if (error) co_return;
    chunk.resize(size);
  }
}

Result<std::unique_ptr<AddressGuard>> AddressGuard::start(
    asio::io_context& loop, const std::string& source_host,
    std::function<void(std::string)> on_refused) {
  const auto shared = std::make_shared<Shared>(loop, source_host, std::move(on_refused));
  tcp::acceptor& acceptor = shared->acceptor;
  error_code error;
  acceptor.open(tcp::v4(), error);
  if (!error) acceptor.bind({asio::ip::address_v4::loopback(), 0}, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(fmt::format("no port of 127.0.0.1 could be opened for ffmpeg's requests: {}",
                            error.message()));
  }
  asio::co_spawn(loop, Shared::accept(shared), asio::detached);
  return std::unique_ptr<AddressGuard>(new AddressGuard(shared));
}

AddressGuard::~AddressGuard() { shared_->close(); }

std::uint16_t AddressGuard::port() const { return shared_->acceptor.local_endpoint().port(); }

std::string AddressGuard::proxy_url() const {
  return fmt::format("http://{}@127.0.0.1:{}", shared_->password, port());
}

const std::string& AddressGuard::trouble() const { return shared_->trouble; }

std::chrono::milliseconds AddressGuard::receiving_time() const {
  if (!shared_->first_received) return std::chrono::milliseconds(0);
  return std::chrono::duration_cast<std::chrono::milliseconds>(shared_->last_received -
                                                               *shared_->first_received);
}

bool environment_has_proxy() {
  const char* proxy = std::getenv("http_proxy");
  return proxy != nullptr && std::string_view(proxy).starts_with("http://");
}

}  // namespace livestream
