#include "net/idle_connections.h"

#include <array>
#include <chrono>
#include <functional>
#include <poll.h>
#include <sys/socket.h>
#include <vector>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace livestream::net {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kPatience{5000};

class IdleConnectionsTest : public testing::Test {
 protected:
  // A client, whose connection waits until `deadline`.
  Socket connect(SteadyTime deadline = SteadyTime::max(),
                 const boost::asio::ip::address& from = boost::asio::ip::address_v4::loopback()) {
    Socket client(io_);
    client.connect(acceptor_.local_endpoint());
    Socket socket(io_);
    acceptor_.accept(socket);
    idle_.add(std::move(socket), ConnectionPermit(admission_, from), deadline);
    return client;
  }

  // Whether the server closes the connection within `patience`.
  static bool is_closed(Socket& client, std::chrono::milliseconds patience = kPatience) {
    pollfd wanted{.fd = client.native_handle(), .events = POLLIN, .revents = 0};
    if (::poll(&wanted, 1, static_cast<int>(patience.count())) == 0) return false;
    char byte;
    return ::recv(client.native_handle(), &byte, sizeof byte, 0) == 0;
  }

  void run_until(const std::function<bool()>& done) {
    const SteadyTime deadline = clock_.now() + kPatience;
    while (!done() && clock_.now() < deadline) io_.run_one_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(done());
  }

  const boost::asio::ip::address address_ = boost::asio::ip::address_v4::loopback();
  boost::asio::io_context io_{1};
  SystemClock clock_;
  Admission admission_{{.connections_per_address = 2}, clock_};
  Acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::vector<Socket> spoke_;
  IdleConnections idle_{
      io_, [this](Socket socket, ConnectionPermit) { spoke_.push_back(std::move(socket)); }};
};

TEST_F(IdleConnectionsTest, HandsOutAConnectionThatSpeaksWithAllItsBytes) {
  Socket silent = connect();
  Socket client = connect();
  boost::asio::write(client, boost::asio::buffer("GET", 3));
  run_until([this] { return !spoke_.empty(); });
  ASSERT_EQ(spoke_.size(), 1u);
  EXPECT_EQ(idle_.size(), 1u);
  std::array<char, 8> said;
  EXPECT_EQ(spoke_[0].read_some(boost::asio::buffer(said)), 3u);
  idle_.add(std::move(spoke_[0]), ConnectionPermit(admission_, address_), {});
  EXPECT_EQ(idle_.size(), 2u) << "between two requests";
}

TEST_F(IdleConnectionsTest, LetsGoOfAConnectionThatClosesWithoutAByte) {
  { const Socket client = connect(); }
  run_until([this] { return idle_.size() == 0; });
  EXPECT_TRUE(spoke_.empty());
}

TEST_F(IdleConnectionsTest, ClosesAConnectionThatIsSilentForTooLong) {
  Socket late = connect(SteadyTime{} + std::chrono::seconds(1));
  Socket patient = connect(SteadyTime{} + std::chrono::seconds(3));
  idle_.close_overdue(SteadyTime{} + std::chrono::seconds(2));
  EXPECT_EQ(idle_.size(), 1u);
  EXPECT_TRUE(is_closed(late));
  EXPECT_FALSE(is_closed(patient, {}));
}

TEST_F(IdleConnectionsTest, ClosesSomeAndGivesTheirPermitsBack) {
  const Socket one = connect();
  const Socket two = connect();
  EXPECT_TRUE(ConnectionPermit(admission_, address_).is_one_too_many());
  idle_.close_some(1);
  EXPECT_EQ(idle_.size(), 1u);
  EXPECT_FALSE(ConnectionPermit(admission_, address_).is_one_too_many());
}

TEST_F(IdleConnectionsTest, TheOldestOfAnAddressGivesWayToANewOne) {
  Socket oldest = connect();
  Socket older = connect();
  Socket other = connect(SteadyTime::max(), boost::asio::ip::make_address("192.0.2.7"));
  Socket newest = connect();
  EXPECT_EQ(idle_.size(), 3u);
  EXPECT_TRUE(is_closed(oldest));
  for (Socket* kept : {&older, &other, &newest}) EXPECT_FALSE(is_closed(*kept, {}));
  Socket next = connect();
  EXPECT_TRUE(is_closed(older));
}

TEST_F(IdleConnectionsTest, NewConnectionsAndKeptOnesDoNotGiveWayToEachOther) {
  std::vector<Socket> clients;
  for (int i = 0; i < 2; ++i) {
    Socket client = connect();
    boost::asio::write(client, boost::asio::buffer("GET", 3));
    run_until([this] { return !spoke_.empty(); });
    ConnectionPermit permit(admission_, address_);
    permit.become_idle();
    clients.push_back(std::move(client));
    char said[3];
    boost::asio::read(spoke_[0], boost::asio::buffer(said));
    idle_.add(std::move(spoke_[0]), std::move(permit), SteadyTime::max());
    spoke_.clear();
  }
  for (int i = 0; i < 2; ++i) clients.push_back(connect());
  EXPECT_EQ(idle_.size(), 4u);
  for (Socket& client : clients) EXPECT_FALSE(is_closed(client, {}));
}

TEST_F(IdleConnectionsTest, AConnectionWhoseRequestHasComeDoesNotGiveWay) {
  Socket oldest = connect();
  boost::asio::write(oldest, boost::asio::buffer("GET", 3));
  Socket older = connect();
  Socket newest = connect();
  EXPECT_TRUE(is_closed(older));
  EXPECT_FALSE(is_closed(oldest, {}));
  EXPECT_FALSE(is_closed(newest, {}));
}

TEST_F(IdleConnectionsTest, TheOnlyOneHereStaysThoughOtherWorkersHaveMore) {
  std::vector<ConnectionPermit> elsewhere;
  for (int i = 0; i < 5; ++i) elsewhere.emplace_back(admission_, address_);
  Socket only = connect();
  EXPECT_FALSE(is_closed(only, {}));
}

TEST_F(IdleConnectionsTest, ClosesEachConnectionThatComesAfterClose) {
  Socket before = connect();
  idle_.close();
  Socket after = connect();
  EXPECT_EQ(idle_.size(), 0u);
  EXPECT_TRUE(is_closed(before));
  EXPECT_TRUE(is_closed(after));
}

}  // namespace
}  // namespace livestream::net
