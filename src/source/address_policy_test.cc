#include "source/address_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::make_address;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr AddressScope kPublic = AddressScope::kPublic;
constexpr AddressScope kPrivate = AddressScope::kPrivate;
constexpr AddressScope kLoopback = AddressScope::kLoopback;
constexpr AddressScope kLinkLocal = AddressScope::kLinkLocal;
constexpr AddressScope kReserved = AddressScope::kReserved;

TEST(AddressScope, IsThatOfTheRange) {
  const std::vector<std::pair<const char*, AddressScope>> table = {
      {"8.8.8.8", kPublic},
      {"1.1.1.1", kPublic},
      {"223.255.255.255", kPublic},
      {"11.0.0.0", kPublic},
      {"172.15.255.255", kPublic},
      {"172.32.0.0", kPublic},
      {"100.63.255.255", kPublic},
      {"100.128.0.0", kPublic},
      {"192.167.255.255", kPublic},
      {"169.253.255.255", kPublic},
      {"10.0.0.0", kPrivate},
      {"10.255.255.255", kPrivate},
      {"172.16.0.1", kPrivate},
      {"172.31.255.255", kPrivate},
      {"192.168.0.1", kPrivate},
      {"100.64.0.1", kPrivate},
      {"100.127.255.255", kPrivate},
      {"198.18.0.1", kPrivate},
      {"0.0.0.0", kLoopback},
      {"0.1.2.3", kLoopback},
      {"127.0.0.1", kLoopback},
      {"127.255.255.254", kLoopback},
      {"169.254.0.1", kLinkLocal},
      {"169.254.169.254", kLinkLocal},
      {"100.100.100.200", kLinkLocal},
      {"168.63.129.16", kLinkLocal},
      {"192.0.0.1", kReserved},
      {"192.0.2.1", kReserved},
      {"198.51.100.7", kReserved},
      {"203.0.113.7", kReserved},
      {"224.0.0.1", kReserved},
      {"239.255.255.250", kReserved},
      {"240.0.0.1", kReserved},
      {"255.255.255.255", kReserved},
      {"2606:4700::1111", kPublic},
      {"3fff:ffff::1", kPublic},
      {"fc00::1", kPrivate},
      {"fdff::1", kPrivate},
      {"fec0::1", kPrivate},
      {"::", kLoopback},
      {"::1", kLoopback},
      {"fe80::1", kLinkLocal},
      {"fe80::1%1", kLinkLocal},
      {"febf::1", kLinkLocal},
      {"fd00:ec2::254", kLinkLocal},
      {"ff02::1", kReserved},
      {"2001:db8::1", kReserved},
      {"4000::1", kReserved},
      {"100::1", kReserved},
  };
  for (const auto& [text, scope] : table) EXPECT_EQ(scope_of(make_address(text)), scope) << text;
}

TEST(AddressScope, OfAnEmbeddedIpv4IsThatOfTheLatter) {
  const std::vector<std::pair<const char*, AddressScope>> table = {
      {"::ffff:127.0.0.1", kLoopback},
      {"::ffff:10.1.2.3", kPrivate},
      {"::ffff:8.8.8.8", kPublic},
      {"::ffff:169.254.169.254", kLinkLocal},
      {"::ffff:0:127.0.0.1", kLoopback},
      {"::127.0.0.1", kLoopback},
      {"::192.168.1.1", kPrivate},
      {"64:ff9b::7f00:1", kLoopback},
      {"64:ff9b::a9fe:a9fe", kLinkLocal},
      {"64:ff9b::808:808", kPublic},
      {"64:ff9b:1::a00:1", kPrivate},
      {"2002:7f00:1::1", kLoopback},
      {"2002:c0a8:101::1", kPrivate},
      {"2002:808:808::1", kPublic},
      // Teredo: the client's address with all bits turned.
      {"2001:0:4136:e378:8000:63bf:80ff:fffe", kLoopback},
      {"2001:0:4136:e378:8000:63bf:f7f7:f7f7", kPublic},
      {"2606:4700::5efe:7f00:1", kLoopback},
      {"fe80::5efe:808:808", kLinkLocal},
  };
  for (const auto& [text, scope] : table) EXPECT_EQ(scope_of(make_address(text)), scope) << text;
}

TEST(AddressPolicy, LetsASourceLeadAwayFromThisMachineOnly) {
  const std::vector<AddressScope> all = {kPublic, kPrivate, kLoopback, kLinkLocal, kReserved};
  const auto led_to = [&](AddressScope from) {
    std::vector<AddressScope> to;
    for (const AddressScope scope : all) {
      if (may_lead_to(from, scope)) to.push_back(scope);
    }
    return to;
  };
  EXPECT_THAT(led_to(kPublic), ElementsAre(kPublic));
  EXPECT_THAT(led_to(kReserved), ElementsAre(kPublic));
  EXPECT_THAT(led_to(kPrivate), ElementsAre(kPublic, kPrivate));
  EXPECT_THAT(led_to(kLinkLocal), ElementsAre(kPublic, kPrivate));
  EXPECT_THAT(led_to(kLoopback), ElementsAre(kPublic, kPrivate, kLoopback));
}

std::vector<address> addresses(std::initializer_list<const char*> texts) {
  std::vector<address> result;
  for (const char* text : texts) result.push_back(make_address(text));
  return result;
}

TEST(AddressPolicy, AllowsWhatTheUserTyped) {
  for (const char* text : {"169.254.169.254", "127.0.0.1", "10.0.0.1", "203.0.113.7", "::1",
                           "fe80::1", "64:ff9b::7f00:1", "0.0.0.0"}) {
    AddressPolicy policy(text);
    EXPECT_THAT(policy.allowed(text, addresses({text})), SizeIs(1)) << text;
    EXPECT_THAT(policy.allowed(text, addresses({text})), SizeIs(1)) << text;
  }
}

TEST(AddressPolicy, TakesTheHostAsItWasTyped) {
  AddressPolicy policy("Camera.Local.");
  EXPECT_THAT(policy.allowed("cAMERA.local", addresses({"169.254.7.7"})), SizeIs(1));
  // A playlist may give the host's address instead of its name.
  EXPECT_THAT(policy.allowed("169.254.7.7", addresses({"169.254.7.7"})), SizeIs(1));
  EXPECT_THAT(policy.allowed("169.254.169.254", addresses({"169.254.169.254"})), IsEmpty());
  EXPECT_THAT(policy.allowed("127.0.0.1", addresses({"127.0.0.1"})), IsEmpty());
  AddressPolicy v6("[::1]");
  EXPECT_THAT(v6.allowed("::1", addresses({"::1"})), SizeIs(1));
}

TEST(AddressPolicy, IsThatOfAPublicSourceUntilTheSourceIsKnown) {
  AddressPolicy policy("localhost");
  EXPECT_THAT(policy.allowed("127.0.0.1", addresses({"127.0.0.1"})), IsEmpty());
  EXPECT_THAT(policy.allowed("8.8.8.8", addresses({"8.8.8.8"})), SizeIs(1));
}

TEST(AddressPolicy, LeavesOutTheAddressesThatAreForbidden) {
  AddressPolicy policy("example.org");
  const auto allowed = policy.allowed(
      "example.org", addresses({"127.0.0.1", "8.8.8.8", "10.0.0.1", "2606:4700::1111"}));
  EXPECT_EQ(allowed, addresses({"8.8.8.8", "2606:4700::1111"}));
}

TEST(AddressPolicy, DoesNotFollowANameThatComesCloser) {
  AddressPolicy policy("evil.example");
  ASSERT_THAT(policy.allowed("evil.example", addresses({"8.8.8.8"})), SizeIs(1));
  EXPECT_THAT(policy.allowed("evil.example", addresses({"127.0.0.1"})), IsEmpty());
  EXPECT_THAT(policy.allowed("evil.example", addresses({"10.0.0.1", "8.8.4.4"})),
              ElementsAre(make_address("8.8.4.4")));
}

TEST(AddressPolicy, LosesTheRightsOfANameThatGoesFurtherAway) {
  AddressPolicy policy("evil.example");
  ASSERT_THAT(policy.allowed("evil.example", addresses({"127.0.0.1"})), SizeIs(1));
  ASSERT_THAT(policy.allowed("evil.example", addresses({"8.8.8.8"})), SizeIs(1));
  EXPECT_THAT(policy.allowed("evil.example", addresses({"127.0.0.1"})), IsEmpty());
  EXPECT_THAT(policy.allowed("lan.example", addresses({"192.168.1.1"})), IsEmpty());
}

TEST(AddressPolicy, FollowsACameraThatGetsAnotherAddressOfItsNetwork) {
  AddressPolicy policy("camera.lan");
  ASSERT_THAT(policy.allowed("camera.lan", addresses({"192.168.1.5"})), SizeIs(1));
  EXPECT_THAT(policy.allowed("camera.lan", addresses({"192.168.1.9"})), SizeIs(1));
}

TEST(AddressPolicy, SaysWhatWasRefusedAndTheCure) {
  EXPECT_EQ(refusal("127.0.0.1", make_address("127.0.0.1")),
            "the source leads to 127.0.0.1, an address of this machine: refused; "
            "SOURCE_ADDRESSES=any allows it");
  EXPECT_THAT(refusal("meta.example", make_address("169.254.169.254")),
              HasSubstr("meta.example (169.254.169.254), a link-local or metadata address"));
}

TEST(HostOfUrl, IsWithoutUserPortAndBrackets) {
  const std::vector<std::pair<const char*, const char*>> table = {
      {"http://example.org/a", "example.org"},           {"https://example.org", "example.org"},
      {"http://u:p@h.example:80/a@b", "h.example"},      {"http://h?x@y", "h"},
      {"http://[fe80::1%25eth0]:80/", "fe80::1%25eth0"}, {"http://[::1", "::1"},
      {"http://u:p@x@10.0.0.1:8080#f", "10.0.0.1"},
  };
  for (const auto& [url, host] : table) EXPECT_EQ(host_of_url(url), host) << url;
}

}  // namespace
}  // namespace livestream
