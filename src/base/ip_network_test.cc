#include "base/ip_network.h"

#include <vector>

#include <gtest/gtest.h>

namespace livestream {
namespace {

IpAddress address(std::string_view text) {
  const auto parsed = parse_ip_address(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(IpAddress{});
}

TEST(IpNetwork, PrintsTheNetworkThatItReads) {
  for (const auto& [text, printed] : std::vector<std::pair<std::string, std::string>>{
           {"192.0.2.1", "192.0.2.1"},
           {"192.0.2.1/32", "192.0.2.1"},
           {"10.0.0.0/8", "10.0.0.0/8"},
           {"10.9.8.7/8", "10.0.0.0/8"},
           {"172.31.255.255/12", "172.16.0.0/12"},
           {"10.0.0.0/08", "10.0.0.0/8"},
           {"0.0.0.0/0", "0.0.0.0/0"},
           {"255.255.255.255/31", "255.255.255.254/31"},
           {"::1", "::1"},
           {"::/0", "::/0"},
           {"2001:DB8:0::/32", "2001:db8::/32"},
           {"fe80::1/10", "fe80::/10"},
           {"2001:db8:8000::/33", "2001:db8:8000::/33"},
           {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
           {"::ffff:10.0.0.1", "10.0.0.1"},
           {"::ffff:0:0/95", "::fffe:0:0/95"}}) {
    const auto network = parse_ip_network(text);
    ASSERT_TRUE(network) << text;
    EXPECT_EQ(to_string(*network), printed) << text;
    EXPECT_EQ(parse_ip_network(printed), network) << text;
  }
}

TEST(IpNetwork, RefusesTheRest) {
  for (const char* text : {"",
                           "/8",
                           "10.0.0.0/",
                           "10.0.0.0/33",
                           "10.0.0.0/-1",
                           "10.0.0.0/+8",
                           "10.0.0.0/8 ",
                           " 10.0.0.0/8",
                           "10.0.0.0/8/8",
                           "10.0.0.0/255.0.0.0",
                           "10.0.0.0/99999999999",
                           "::/129",
                           "10.0.0/8",
                           "10.0.0.256",
                           "host",
                           "*",
                           "::1 ",
                           "[::1]",
                           "fe80::1%eth0",
                           "10.0.0.1:80",
                           ":::"}) {
    EXPECT_FALSE(parse_ip_network(text)) << text;
  }
  EXPECT_FALSE(parse_ip_network(std::string("::\0\n", 4)));
}

TEST(IpNetwork, ContainsTheAddressesThatBeginWithItsBits) {
  const struct {
    const char* network;
    const char* inside;
    const char* outside;
  } table[] = {{"10.0.0.0/8", "10.255.1.2", "11.0.0.1"},
               {"10.0.0.0/8", "::ffff:10.1.1.1", "::10.1.1.1"},
               {"192.168.4.0/23", "192.168.5.255", "192.168.6.0"},
               {"192.0.2.1", "192.0.2.1", "192.0.2.2"},
               {"::1", "::1", "::2"},
               {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
               {"fe80::/10", "febf::1%eth0", "fec0::1"},
               {"0.0.0.0/0", "255.1.1.1", "2001:db8::1"}};
  for (const auto& row : table) {
    const auto network = parse_ip_network(row.network);
    ASSERT_TRUE(network) << row.network;
    EXPECT_TRUE(network->contains(address(row.inside))) << row.network << " " << row.inside;
    EXPECT_FALSE(network->contains(address(row.outside))) << row.network << " " << row.outside;
  }
  EXPECT_TRUE(parse_ip_network("::/0")->contains(address("192.0.2.1")));
}

TEST(IpNetwork, AsksAListForAnyOfItsNetworks) {
  const std::vector<IpNetwork> list = {*parse_ip_network("10.0.0.0/8"), *parse_ip_network("::1")};
  EXPECT_TRUE(contains(list, address("10.1.2.3")));
  EXPECT_TRUE(contains(list, address("::1")));
  EXPECT_FALSE(contains(list, address("127.0.0.1")));
  EXPECT_FALSE(contains({}, address("127.0.0.1")));
}

TEST(IpAddress, TakesAZoneWithAnIpv6AddressOnly) {
  EXPECT_EQ(parse_ip_address("fe80::1%eth0"), parse_ip_address("fe80::1"));
  EXPECT_EQ(parse_ip_address("127.0.0.1"), parse_ip_address("::ffff:127.0.0.1"));
  for (const char* text : {"", "%eth0", "fe80::1%", "127.0.0.1%eth0", "127.0.0.1:80", "[::1]", "x"})
    EXPECT_FALSE(parse_ip_address(text)) << text;
}

TEST(IpAddress, IsReadFromAnEndpoint) {
  EXPECT_EQ(parse_ip_endpoint("192.0.2.1:50000"), address("192.0.2.1"));
  EXPECT_EQ(parse_ip_endpoint("[2001:db8::1]:0"), address("2001:db8::1"));
  EXPECT_EQ(parse_ip_endpoint("[fe80::1%eth0]:50000"), address("fe80::1"));
  EXPECT_EQ(parse_ip_endpoint("[::ffff:192.0.2.1]:1"), address("192.0.2.1"));
  for (const char* text : {"", ":", "[", "[]:1", "a:1", "192.0.2:1"})
    EXPECT_FALSE(parse_ip_endpoint(text)) << text;
}

TEST(IpAddress, CountsAnIpv6NetworkOf64BitsAsOneClient) {
  EXPECT_EQ(client_key(address("2001:db8::1")), client_key(address("2001:db8::ffff:2")));
  EXPECT_NE(client_key(address("2001:db8::1")), client_key(address("2001:db8:0:1::1")));
  EXPECT_NE(client_key(address("192.0.2.1")), client_key(address("192.0.2.2")));
}

}  // namespace
}  // namespace livestream
