#include "net/admission.h"

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
  FakeClock clock_;
  const address one_ = make_address("192.0.2.1");
  const address other_ = make_address("192.0.2.2");
};

TEST_F(AdmissionTest, CountsConnectionsPerAddress) {
  Admission admission({.connections_per_address = 2}, clock_);
  EXPECT_TRUE(admission.admit(one_));
  EXPECT_TRUE(admission.admit(make_address("::ffff:192.0.2.1")))
      << "the same client over IPv6 sockets";
  EXPECT_FALSE(admission.admit(one_));
  EXPECT_TRUE(admission.admit(other_));
  admission.release(one_);
  EXPECT_TRUE(admission.admit(one_));
}

TEST_F(AdmissionTest, TakesAnIpv6NetworkOf64BitsForOneClient) {
  Admission admission({.connections_per_address = 1}, clock_);
  EXPECT_TRUE(admission.admit(make_address("2001:db8::1")));
  EXPECT_FALSE(admission.admit(make_address("2001:db8::ffff:2")));
  EXPECT_TRUE(admission.admit(make_address("2001:db8:0:1::1")));
}

TEST_F(AdmissionTest, LetsRequestsThroughAtTheirRate) {
  Admission admission({.requests_per_second_per_address = 10}, clock_);
  ASSERT_TRUE(admission.admit(one_));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(admission.allow_request(one_)) << i;
  EXPECT_FALSE(admission.allow_request(one_));
  clock_.time += std::chrono::milliseconds(250);
  EXPECT_TRUE(admission.allow_request(one_));
  EXPECT_TRUE(admission.allow_request(one_));
  EXPECT_FALSE(admission.allow_request(one_));
}

TEST_F(AdmissionTest, DoesNotForgetAClientThatComesAndGoes) {
  Admission admission({.requests_per_second_per_address = 1}, clock_);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(admission.admit(one_));
    EXPECT_TRUE(admission.allow_request(one_));
    admission.release(one_);
  }
  ASSERT_TRUE(admission.admit(one_));
  EXPECT_FALSE(admission.allow_request(one_));
}

TEST_F(AdmissionTest, ExemptsTrustedProxies) {
  Admission admission({.connections_per_address = 1,
                       .requests_per_second_per_address = 1,
                       .trusted_proxies = {parse_ip_network("192.0.2.0/31").value()}},
                      clock_);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(admission.admit(one_));
    EXPECT_TRUE(admission.allow_request(one_));
  }
  EXPECT_TRUE(admission.admit(other_));
  EXPECT_FALSE(admission.admit(other_));
}

TEST_F(AdmissionTest, PermitGivesTheConnectionBackOnce) {
  Admission admission({.connections_per_address = 1}, clock_);
  ASSERT_TRUE(admission.admit(one_));
  {
    ConnectionPermit permit(admission, one_);
    const ConnectionPermit moved(std::move(permit));
    EXPECT_FALSE(admission.admit(one_));
  }
  EXPECT_TRUE(admission.admit(one_));
  EXPECT_FALSE(admission.admit(one_));
}

TEST_F(AdmissionTest, PermitIsUsedUpByRefusalsInARow) {
  Admission admission({.requests_per_second_per_address = 1}, clock_);
  ASSERT_TRUE(admission.admit(one_));
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
