#include "net/idle_connections.h"

#include <array>
#include <chrono>
#include <functional>
#include <poll.h>
#include <sys/socket.h>
#include <vector>

#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace livestream::net {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kPatience{5000};

class IdleConnectionsTest : public testing::Test {
 protected:
  // A client, whose connection waits until `deadline`.
  Socket connect(SteadyTime deadline = SteadyTime::max()) {
    Socket client(io_);
    client.connect(acceptor_.local_endpoint());
    Socket socket(io_);
    acceptor_.accept(socket);
    idle_.add(std::move(socket), ConnectionPermit(admission_, client.local_endpoint().address()),
              deadline);
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
  idle_.add(std::move(spoke_[0]), ConnectionPermit(admission_, client.local_endpoint().address()),
            {});
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
  const auto address = one.local_endpoint().address();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(admission_.admit(address));
  EXPECT_FALSE(admission_.admit(address));
  idle_.close_some(1);
  EXPECT_EQ(idle_.size(), 1u);
  EXPECT_TRUE(admission_.admit(address));
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
