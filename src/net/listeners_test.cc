#include "net/listeners.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <gtest/gtest.h>

#include "base/set_clock_for_test.h"
#include "base/unique_fd.h"

namespace livestream::net {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds kPatience{5};

// Leaves the process no free descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const UniqueFd lowest_free(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(lowest_free.get());
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  ~NoDescriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

class ListenersTest : public testing::Test {
 protected:
  std::uint16_t listen() {
    return listeners_.listen({boost::asio::ip::address_v4::loopback(), 0}).value();
  }
  // A client whose connection is not accepted before run_until().
  void connect(std::uint16_t port) {
    clients_.emplace_back(io_).connect({boost::asio::ip::address_v4::loopback(), port});
  }
  void run_until(const std::function<bool()>& done) {
    const SteadyTime deadline = std::chrono::steady_clock::now() + kPatience;
    while (!done() && std::chrono::steady_clock::now() < deadline)
      io_.run_one_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(done());
  }

  SetClock clock_;
  boost::asio::io_context io_{1};
  std::vector<Socket> clients_;
  std::vector<std::uint16_t> accepted_;
  int shortages_ = 0;
  Listeners listeners_{
      io_, clock_, Log::silent(),
      [this](Socket socket) { accepted_.push_back(socket.local_endpoint().port()); },
      [this] { ++shortages_; }};
};

TEST_F(ListenersTest, AcceptsOnEachOfItsSockets) {
  const std::uint16_t one = listen();
  const std::uint16_t other = listen();
  listeners_.start();
  connect(one);
  connect(other);
  run_until([this] { return accepted_.size() == 2; });
}

TEST_F(ListenersTest, EachAcceptsAgainAfterAllHaveRunOutOfDescriptors) {
  const std::vector<std::uint16_t> ports = {listen(), listen(), listen()};
  listeners_.start();
  for (const std::uint16_t port : ports) connect(port);
  {
    const NoDescriptors none;
    run_until([this] { return shortages_ >= 3; });
    EXPECT_TRUE(accepted_.empty());
  }
  run_until([this] { return accepted_.size() == 3; });
  for (const std::uint16_t port : ports) {
    accepted_.clear();
    connect(port);
    run_until([this] { return !accepted_.empty(); });
    EXPECT_EQ(accepted_, std::vector<std::uint16_t>{port});
  }
}

TEST_F(ListenersTest, DoesNotAcceptOnceClosedNotEvenAfterAPause) {
  const std::uint16_t port = listen();
  listeners_.start();
  connect(port);
  {
    const NoDescriptors none;
    run_until([this] { return shortages_ > 0; });
  }
  listeners_.close();
  io_.run_for(kPatience);
  EXPECT_TRUE(io_.stopped()) << "nothing is pending any more";
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(ListenersTest, RefusesAnAddressOfAnotherMachine) {
  const auto result = listeners_.listen({boost::asio::ip::make_address("192.0.2.1"), 0});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("cannot listen on 192.0.2.1:0"), std::string::npos);
}

}  // namespace
}  // namespace livestream::net
