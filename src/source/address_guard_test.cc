#include "source/address_guard.h"

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/address_policy.h"
#include "source/first_connection.h"
#include "source/proxy_request.h"

namespace livestream {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using boost::system::error_code;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Runs the loop until `done`; false when that does not come.
template <typename Done>
bool run_until(asio::io_context& loop, Done done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  loop.restart();
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    loop.run_one_for(std::chrono::milliseconds(100));
  }
  return true;
}

// One end of a connection that collects what comes.
class Peer {
 public:
  explicit Peer(asio::io_context& loop) : loop_(loop), socket(loop) {}

  void read() {
    socket.async_read_some(asio::buffer(chunk_), [this, alive = std::weak_ptr(alive_)](
                                                     error_code error, std::size_t size) {
      if (alive.expired()) return;
      received.append(chunk_.data(), size);
      if (error) {
        end = error;
      } else {
        read();
      }
    });
  }
  void send(const std::string& text) {
    error_code ignored;
    asio::write(socket, asio::buffer(text), ignored);
  }
  [[nodiscard]] bool gets(const std::string& text) {
    return run_until(loop_, [&] { return received.find(text) != std::string::npos; });
  }
  [[nodiscard]] bool ends() {
    return run_until(loop_, [&] { return end.has_value(); });
  }

 private:
  asio::io_context& loop_;
  std::array<char, 1 << 16> chunk_{};
  // Handlers may run after this has gone.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>();

 public:
  tcp::socket socket;
  std::string received;
  std::optional<error_code> end;
};

// A server whose connections the test speaks for.
class Server {
 public:
  Server(asio::io_context& loop, const std::string& address)
      : loop_(loop), acceptor_(loop, {asio::ip::make_address(address), 0}) {
    accept();
  }
  [[nodiscard]] std::string port() const {
    return std::to_string(acceptor_.local_endpoint().port());
  }
  void close() { acceptor_.close(); }
  Peer* connection(std::size_t number) {
    const bool come = run_until(loop_, [&] { return peers.size() > number; });
    return come ? &peers[number] : nullptr;
  }

  std::deque<Peer> peers;

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return;
      peers.emplace_back(loop_).socket = std::move(socket);
      peers.back().read();
      accept();
    });
  }
  asio::io_context& loop_;
  tcp::acceptor acceptor_;
};

class AddressGuardTest : public ::testing::Test {
 protected:
  void guard_for(const std::string& source_host) {
    auto started = AddressGuard::start(
        loop_, source_host, [this](std::string why) { refused_.push_back(std::move(why)); });
    ASSERT_TRUE(started);
    guard_ = std::move(*started);
    const std::string url = guard_->proxy_url();
    credentials_ = basic_credentials(url.substr(7, url.rfind('@') - 7));
  }
  std::unique_ptr<Peer> connect() {
    auto client = std::make_unique<Peer>(loop_);
    client->socket.connect({asio::ip::address_v4::loopback(), guard_->port()});
    client->read();
    return client;
  }
  std::string get(const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\n" + fields + "Proxy-Authorization: " + credentials_ +
           "\r\n\r\n";
  }
  std::string open_tunnel(const std::string& to) {
    return "CONNECT " + to + " HTTP/1.1\r\nProxy-Authorization: " + credentials_ + "\r\n\r\n";
  }
  void TearDown() override {
    guard_.reset();
    loop_.restart();
    loop_.poll();
  }

  asio::io_context loop_;
  std::vector<std::string> refused_;
  std::unique_ptr<AddressGuard> guard_;
  std::string credentials_;
};

TEST_F(AddressGuardTest, PassesARequestAndWhateverIsAnswered) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  const auto client = connect();
  client->send(get("http://127.0.0.1:" + server.port() + "/a?b", "Range: bytes=5-\r\n"));
  Peer* peer = server.connection(0);
  ASSERT_TRUE(peer && peer->gets("\r\n\r\n"));
  EXPECT_EQ(peer->received, "GET /a?b HTTP/1.1\r\nRange: bytes=5-\r\n\r\n");
  // Bytes that no HTTP parser would take.
  const std::string answer("ICY 200 OK\r\n\0\r\n\r\n\n\xff", 20);
  peer->send(answer);
  peer->socket.shutdown(tcp::socket::shutdown_send);
  ASSERT_TRUE(client->ends());
  EXPECT_EQ(client->received, answer);
  EXPECT_EQ(*client->end, asio::error::eof);
  EXPECT_EQ(guard_->trouble(), "");
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(AddressGuardTest, KeepsTheConnectionForTheNextRequest) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  const auto client = connect();
  const std::string base = "http://127.0.0.1:" + server.port();
  client->send(get(base + "/1"));
  Peer* peer = server.connection(0);
  ASSERT_TRUE(peer && peer->gets("GET /1"));
  peer->send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
  ASSERT_TRUE(client->gets("one"));
  client->send(get(base + "/2"));
  ASSERT_TRUE(peer->gets("GET /2"));
  peer->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n");
  ASSERT_TRUE(client->gets("two\r\n0\r\n\r\n"));
  EXPECT_THAT(server.peers, SizeIs(1));
}

TEST_F(AddressGuardTest, EndsAConnectionThatAsksForAnotherServer) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  Server other(loop_, "127.0.0.2");
  const auto client = connect();
  client->send(get("http://127.0.0.1:" + server.port() + "/"));
  ASSERT_TRUE(server.connection(0));
  client->send(get("http://127.0.0.2:" + other.port() + "/"));
  EXPECT_TRUE(client->ends());
  EXPECT_THAT(other.peers, IsEmpty());
}

TEST_F(AddressGuardTest, RefusesForbiddenAddressesWithoutConnecting) {
  guard_for("camera.example");
  Server server(loop_, "127.0.0.1");
  for (const std::string host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "0.0.0.0",
                                 "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"}) {
    const auto client = connect();
    client->send(get("http://" + host + ":" + server.port() + "/"));
    ASSERT_TRUE(client->ends()) << host;
    EXPECT_THAT(client->received, StartsWith("HTTP/1.1 403 ")) << host;
    EXPECT_THAT(guard_->trouble(), HasSubstr("refused; SOURCE_ADDRESSES=any")) << host;
  }
  const auto tunnel = connect();
  tunnel->send(open_tunnel("127.0.0.1:" + server.port()));
  ASSERT_TRUE(tunnel->ends());
  EXPECT_THAT(tunnel->received, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(server.peers, IsEmpty());
  // The tunnel's is the same as the first one's.
  ASSERT_THAT(refused_, SizeIs(7));
  EXPECT_EQ(refused_[0],
            "the source leads to 127.0.0.1, an address of this machine: refused; "
            "SOURCE_ADDRESSES=any allows it");
}

TEST_F(AddressGuardTest, TellsOfSoManyRefusalsOnly) {
  guard_for("camera.example");
  for (int i = 1; i < 20; ++i) {
    const auto client = connect();
    client->send(get("http://127.0.0." + std::to_string(i) + ":9/"));
    ASSERT_TRUE(client->ends());
  }
  EXPECT_THAT(refused_, SizeIs(AddressGuard::kMostRefusals));
}

TEST_F(AddressGuardTest, IsOfNoUseWithoutThePassword) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  const std::string target = "127.0.0.1:" + server.port();
  const auto first = connect();
  first->send("GET http://" + target + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(first->ends());
  EXPECT_THAT(first->received, StartsWith("HTTP/1.1 407 "));
  EXPECT_THAT(first->received, HasSubstr("\r\nProxy-Authenticate: Basic "));
  credentials_ = basic_credentials("g:000000000000000000000000");
  const auto second = connect();
  second->send(open_tunnel(target));
  ASSERT_TRUE(second->ends());
  EXPECT_THAT(second->received, StartsWith("HTTP/1.1 407 "));
  EXPECT_THAT(server.peers, IsEmpty());
  guard_for("127.0.0.1");
  const std::string one = credentials_;
  guard_for("127.0.0.1");
  EXPECT_NE(one, credentials_);
}

TEST_F(AddressGuardTest, TunnelsBytesBothWays) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  const auto client = connect();
  client->send(open_tunnel("127.0.0.1:" + server.port()) + "hello");
  Peer* peer = server.connection(0);
  ASSERT_TRUE(peer && peer->gets("hello"));
  ASSERT_TRUE(client->gets("HTTP/1.1 200 Connection established\r\n\r\n"));
  peer->send("there");
  ASSERT_TRUE(client->gets("there"));
  client->send("GET http://127.0.0.1:1/ HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(peer->gets("GET http://127.0.0.1:1/ HTTP/1.1\r\n\r\n"));
  client->socket.close();
  EXPECT_TRUE(peer->ends());
}

TEST_F(AddressGuardTest, SaysWhyAServerCannotBeReached) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  const std::string port = server.port();
  server.close();
  const auto client = connect();
  client->send(get("http://127.0.0.1:" + port + "/"));
  ASSERT_TRUE(client->ends());
  EXPECT_THAT(client->received, StartsWith("HTTP/1.1 502 "));
  EXPECT_THAT(guard_->trouble(), HasSubstr("Connection refused"));
  const auto unknown = connect();
  unknown->send(get("http://no-such-host.invalid/"));
  ASSERT_TRUE(unknown->ends());
  EXPECT_THAT(unknown->received, StartsWith("HTTP/1.1 502 "));
  EXPECT_THAT(guard_->trouble(), HasSubstr("Failed to resolve hostname no-such-host.invalid"));
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(AddressGuardTest, RefusesWhatIsNotARequestToAProxy) {
  guard_for("127.0.0.1");
  const auto client = connect();
  client->send("POST http://127.0.0.1/ HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(client->ends());
  EXPECT_THAT(client->received, StartsWith("HTTP/1.1 400 "));
}

TEST_F(AddressGuardTest, TakesARequestThatComesByteByByte) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  const auto client = connect();
  client->socket.set_option(tcp::no_delay(true));
  for (const char c : get("http://127.0.0.1:" + server.port() + "/")) {
    client->send(std::string(1, c));
    loop_.poll();
  }
  Peer* peer = server.connection(0);
  EXPECT_TRUE(peer && peer->gets("GET / HTTP/1.1\r\n\r\n"));
}

TEST_F(AddressGuardTest, HoldsTheServerBackWhenTheClientDoesNotRead) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  const auto client = std::make_unique<Peer>(loop_);
  client->socket.connect({asio::ip::address_v4::loopback(), guard_->port()});
  client->send(get("http://127.0.0.1:" + server.port() + "/"));
  Peer* peer = server.connection(0);
  ASSERT_TRUE(peer);
  peer->socket.non_blocking(true);
  const std::vector<char> chunk(1 << 16);
  std::size_t sent = 0;
  int full = 0;
  while (full < 1000 && sent < (std::size_t{1} << 30)) {
    error_code error;
    const std::size_t size = peer->socket.write_some(asio::buffer(chunk), error);
    sent += size;
    full = size == 0 ? full + 1 : 0;
    loop_.restart();
    loop_.poll();
  }
  EXPECT_LT(sent, std::size_t{64} << 20);
  // All of it arrives once the client reads.
  client->read();
  EXPECT_TRUE(run_until(loop_, [&] { return client->received.size() == sent; }));
}

TEST_F(AddressGuardTest, TellsHowLongAServerSent) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  EXPECT_EQ(guard_->receiving_time(), 0ms);
  const auto client = std::make_unique<Peer>(loop_);
  client->socket.connect({asio::ip::address_v4::loopback(), guard_->port()});
  client->send(get("http://127.0.0.1:" + server.port() + "/"));
  Peer* peer = server.connection(0);
  ASSERT_TRUE(peer);
  client->read();
  peer->send("a");
  ASSERT_TRUE(run_until(loop_, [&] { return client->received == "a"; }));
  EXPECT_EQ(guard_->receiving_time(), 0ms);
  const auto first = std::chrono::steady_clock::now();
  ASSERT_TRUE(run_until(loop_, [&] { return std::chrono::steady_clock::now() - first >= 20ms; }));
  peer->send("b");
  ASSERT_TRUE(run_until(loop_, [&] { return client->received == "ab"; }));
  EXPECT_GE(guard_->receiving_time(), 20ms);
}

TEST_F(AddressGuardTest, PassesOnThatAServerBrokeTheConnection) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  const auto client = connect();
  client->send(get("http://127.0.0.1:" + server.port() + "/"));
  Peer* peer = server.connection(0);
  ASSERT_TRUE(peer && peer->gets("GET"));
  peer->socket.set_option(asio::socket_base::linger(true, 0));
  peer->socket.close();
  ASSERT_TRUE(client->ends());
  EXPECT_EQ(*client->end, asio::error::connection_reset);
}

TEST_F(AddressGuardTest, EndsItsConnectionsWithItself) {
  guard_for("127.0.0.1");
  Server server(loop_, "127.0.0.1");
  const auto client = connect();
  client->send(get("http://127.0.0.1:" + server.port() + "/"));
  Peer* peer = server.connection(0);
  ASSERT_TRUE(peer && peer->gets("GET"));
  guard_.reset();
  EXPECT_TRUE(client->ends());
  EXPECT_TRUE(peer->ends());
}

TEST_F(AddressGuardTest, LetsALocalSourceLeadToThisMachineButNotToTheLink) {
  guard_for("LocalHost");
  Server server(loop_, "127.0.0.1");
  const auto first = connect();
  first->send(get("http://localhost:" + server.port() + "/"));
  ASSERT_TRUE(server.connection(0));
  const auto second = connect();
  second->send(get("http://127.0.0.1:" + server.port() + "/"));
  ASSERT_TRUE(server.connection(1));
  const auto third = connect();
  third->send(get("http://169.254.169.254/latest/meta-data/"));
  ASSERT_TRUE(third->ends());
  EXPECT_THAT(third->received, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(refused_, ElementsAre(HasSubstr("169.254.169.254")));
}

// The address that was reached, or the error. `reached` outlives the loop's run.
asio::awaitable<void> reach(std::vector<tcp::endpoint> endpoints,
                            std::optional<std::string>& reached) {
  const auto socket = co_await connect_to_first(std::move(endpoints));
  reached = socket ? socket->remote_endpoint().address().to_string() : socket.error().message();
}

std::string first_of(asio::io_context& loop, std::vector<tcp::endpoint> endpoints) {
  std::optional<std::string> reached;
  asio::co_spawn(loop, reach(std::move(endpoints), reached), asio::detached);
  EXPECT_TRUE(run_until(loop, [&] { return reached.has_value(); }));
  return reached.value_or("");
}

tcp::endpoint endpoint(const char* address, const std::string& port) {
  return {asio::ip::make_address(address), static_cast<std::uint16_t>(std::stoi(port))};
}

TEST(FirstConnection, GoesOnToTheNextAddress) {
  asio::io_context loop;
  Server closed(loop, "127.0.0.1");
  Server open(loop, "127.0.0.2");
  const auto away = endpoint("127.0.0.1", closed.port());
  closed.close();
  EXPECT_EQ(first_of(loop, {away, endpoint("127.0.0.2", open.port())}), "127.0.0.2");
}

TEST(FirstConnection, PassesAnAddressThatSwallowsEverything) {
  asio::io_context loop;
  // A full backlog: Linux drops what more comes.
  tcp::acceptor full(loop);
  full.open(tcp::v4());
  full.bind({asio::ip::make_address("127.0.0.1"), 0});
  full.listen(0);
  const tcp::endpoint swallows = full.local_endpoint();
  std::deque<tcp::socket> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(loop);
    waiting.back().async_connect(swallows, [](error_code) {});
  }
  Server open(loop, "127.0.0.2");
  EXPECT_EQ(first_of(loop, {swallows, endpoint("127.0.0.2", open.port())}), "127.0.0.2");
}

TEST(FirstConnection, FailsWithTheLastError) {
  asio::io_context loop;
  Server closed(loop, "127.0.0.1");
  const std::string port = closed.port();
  closed.close();
  EXPECT_EQ(first_of(loop, {endpoint("127.0.0.1", port), endpoint("127.0.0.2", port)}),
            error_code(asio::error::connection_refused).message());
}

}  // namespace
}  // namespace livestream
