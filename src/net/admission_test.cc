#include "net/admission.h"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace livestream::net {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::make_address;

class FakeClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return time; }
  [[nodiscard]] WallTime wall_now() const override { return {}; }
  SteadyTime time{};
};

class AdmissionTest : public testing::Test {
 protected:
  // A connection of `from` with a request under way; nothing when there are too many.
  static std::optional<ConnectionPermit> ask(Admission& admission, const address& from) {
    ConnectionPermit permit(admission, from);
    if (!permit.begin_request()) return std::nullopt;
    return permit;
  }

  FakeClock clock_;
  const address one_ = make_address("192.0.2.1");
  const address other_ = make_address("192.0.2.2");
};

TEST_F(AdmissionTest, LimitsTheRequestsUnderWayOfAnAddress) {
  Admission admission({.connections_per_address = 2}, clock_);
  auto first = ask(admission, one_);
  const auto second = ask(admission, make_address("::ffff:192.0.2.1"));
  EXPECT_TRUE(first && second) << "the same client over IPv6 sockets";
  EXPECT_TRUE(first->begin_request()) << "the next one of the same connection";
  EXPECT_FALSE(ask(admission, one_));
  EXPECT_TRUE(ask(admission, other_));
  first.reset();
  EXPECT_TRUE(ask(admission, one_));
}

TEST_F(AdmissionTest, CountsNeitherIdleConnectionsNorViewers) {
  Admission admission({.connections_per_address = 1}, clock_);
  std::vector<ConnectionPermit> kept;
  for (int i = 0; i < 10; ++i) {
    ConnectionPermit& permit = kept.emplace_back(admission, one_);
    ASSERT_TRUE(permit.begin_request());
    i % 2 == 0 ? permit.become_idle() : permit.become_stream();
  }
  EXPECT_TRUE(ask(admission, one_));
}

TEST_F(AdmissionTest, TellsWhenAnAddressHasTooManyConnectionsOfAUse) {
  Admission admission({.connections_per_address = 2}, clock_);
  std::vector<ConnectionPermit> waiting;
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(waiting.emplace_back(admission, one_).is_one_too_many());
    waiting.back().become_idle();
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(waiting.emplace_back(admission, one_).is_one_too_many()) << "new ones count apart";
  }
  EXPECT_TRUE(ConnectionPermit(admission, one_).is_one_too_many());
  EXPECT_FALSE(ConnectionPermit(admission, other_).is_one_too_many());
  waiting.back().become_idle();
  EXPECT_TRUE(waiting.back().is_one_too_many());
  EXPECT_TRUE(waiting.back().begin_request());
  EXPECT_FALSE(waiting.front().is_one_too_many()) << "one of them has a request";
  Admission unlimited({.connections_per_address = 0}, clock_);
  EXPECT_FALSE(ConnectionPermit(unlimited, one_).is_one_too_many());
}

TEST_F(AdmissionTest, TakesAnIpv6NetworkOf64BitsForOneClient) {
  Admission admission({.connections_per_address = 1}, clock_);
  const auto kept = ask(admission, make_address("2001:db8::1"));
  EXPECT_TRUE(kept);
  EXPECT_FALSE(ask(admission, make_address("2001:db8::ffff:2")));
  EXPECT_TRUE(ask(admission, make_address("2001:db8:0:1::1")));
}

TEST_F(AdmissionTest, LetsRequestsThroughAtTheirRate) {
  Admission admission({.requests_per_second_per_address = 10}, clock_);
  ConnectionPermit permit(admission, one_);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(permit.allow_request()) << i;
  EXPECT_FALSE(permit.allow_request());
  clock_.time += std::chrono::milliseconds(250);
  EXPECT_TRUE(permit.allow_request());
  EXPECT_TRUE(permit.allow_request());
  EXPECT_FALSE(permit.allow_request());
}

TEST_F(AdmissionTest, ChargesWhatARequestCosts) {
  Admission admission({.requests_per_second_per_address = 1}, clock_);
  ConnectionPermit permit(admission, one_);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(permit.allow_request(0.25)) << i;
  EXPECT_TRUE(permit.allow_request(1));
  EXPECT_FALSE(permit.allow_request(0.25));
  clock_.time += std::chrono::milliseconds(250);
  EXPECT_FALSE(permit.allow_request(1));
  EXPECT_TRUE(permit.allow_request(0.25));
}

TEST_F(AdmissionTest, DoesNotForgetAClientThatComesAndGoes) {
  Admission admission({.requests_per_second_per_address = 1}, clock_);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(ConnectionPermit(admission, one_).allow_request());
  EXPECT_FALSE(ConnectionPermit(admission, one_).allow_request());
}

TEST_F(AdmissionTest, ForgetsClientsThatHaveLeft) {
  Admission admission({.requests_per_second_per_address = 1}, clock_);
  const ConnectionPermit kept(admission, one_);
  for (unsigned i = 0; i < 5000; ++i) {
    const ConnectionPermit gone(admission, boost::asio::ip::address_v4(0x0a000000 + i));
    clock_.time += std::chrono::milliseconds(10);
  }
  EXPECT_FALSE(kept.is_one_too_many()) << "a client that has a connection stays";
}

TEST_F(AdmissionTest, ExemptsTrustedProxies) {
  Admission admission({.connections_per_address = 1,
                       .requests_per_second_per_address = 1,
                       .trusted_proxies = {parse_ip_network("192.0.2.0/31").value()}},
                      clock_);
  std::vector<ConnectionPermit> kept;
  for (int i = 0; i < 10; ++i) {
    ConnectionPermit& permit = kept.emplace_back(admission, one_);
    EXPECT_FALSE(permit.is_one_too_many());
    EXPECT_TRUE(permit.begin_request());
    EXPECT_TRUE(permit.allow_request());
  }
  const auto other = ask(admission, other_);
  EXPECT_TRUE(other);
  EXPECT_FALSE(ask(admission, other_));
}

TEST_F(AdmissionTest, PermitGivesItsPlaceBackOnce) {
  Admission admission({.connections_per_address = 1}, clock_);
  {
    auto permit = ask(admission, one_);
    ASSERT_TRUE(permit);
    const ConnectionPermit moved(std::move(*permit));
    EXPECT_FALSE(ask(admission, one_));
  }
  const auto next = ask(admission, one_);
  EXPECT_TRUE(next);
  EXPECT_FALSE(ask(admission, one_));
}

TEST_F(AdmissionTest, PermitIsUsedUpByRefusalsInARow) {
  Admission admission({.requests_per_second_per_address = 1}, clock_);
  ConnectionPermit permit(admission, one_);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(permit.allow_request());
  for (unsigned i = 1; i < ConnectionPermit::kRefusalsInARow; ++i) {
    EXPECT_FALSE(permit.allow_request());
    EXPECT_FALSE(permit.is_used_up());
  }
  clock_.time += std::chrono::seconds(1);
  EXPECT_TRUE(permit.allow_request()) << "no longer in a row";
  for (unsigned i = 0; i < ConnectionPermit::kRefusalsInARow; ++i)
    EXPECT_FALSE(permit.allow_request());
  EXPECT_TRUE(permit.is_used_up());
  ConnectionPermit moved(std::move(permit));
  EXPECT_TRUE(moved.is_used_up()) << "it goes with the connection";
}

}  // namespace
}  // namespace livestream::net
