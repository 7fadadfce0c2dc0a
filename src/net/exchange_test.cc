#include "net/exchange.h"

#include <optional>
#include <variant>

#include <gtest/gtest.h>

#include "base/set_clock_for_test.h"

namespace livestream::net {
namespace {

using boost::asio::ip::make_address;

class ExchangeTest : public testing::Test {
 protected:
  // Answers with 200 and keeps the request.
  class Echo final : public http::Handler {
   public:
    explicit Echo(std::optional<http::Request>* last) : last_(last) {}
    http::Answer handle(const http::Request& request) override {
      *last_ = request;
      return http::text_response(200, "echo");
    }
    [[nodiscard]] double cost(const http::Request& request) const override {
      return request.path == "/cheap" ? 0.25 : 1;
    }

   private:
    std::optional<http::Request>* last_;
  };

  ExchangeTest() { exchange_.set_handler(std::make_unique<Echo>(&handled_)); }

  static std::vector<IpNetwork> networks(std::vector<std::string_view> texts) {
    std::vector<IpNetwork> networks;
    for (const std::string_view text : texts) networks.push_back(parse_ip_network(text).value());
    return networks;
  }
  static unsigned status(const Exchange::Outcome& outcome) {
    return std::get<http::Response>(outcome.answer).head.status;
  }

  Exchange::Outcome answer(http::Request request, std::string_view target,
                           bool can_upgrade = true) {
    handled_.reset();
    return exchange_.answer({.request = std::move(request),
                             .target = target,
                             .can_upgrade = can_upgrade,
                             .peer = {make_address(peer_), 50000},
                             .permit = permit()});
  }
  Exchange::Outcome get(std::string_view target, std::vector<http::Header> headers = {}) {
    http::Request request;
    request.method = "GET";
    request.headers = std::move(headers);
    return answer(std::move(request), target);
  }
  Exchange::Outcome method(std::string_view name, std::string_view target = "/") {
    http::Request request;
    request.method = name;
    return answer(std::move(request), target);
  }
  // The client's address as the handler gets it.
  std::string client(std::vector<http::Header> headers) {
    (void)get("/", std::move(headers));
    return handled_.value().remote_address;
  }

  ConnectionPermit& permit() {
    if (!permit_) {
      admission_.emplace(limits_, clock_);
      permit_.emplace(*admission_, make_address(peer_));
    }
    return *permit_;
  }

  SetClock clock_;
  Exchange exchange_{clock_};
  std::optional<http::Request> handled_;
  std::string peer_ = "192.0.2.1";
  Admission::Limits limits_;
  std::optional<Admission> admission_;
  std::optional<ConnectionPermit> permit_;
};

TEST_F(ExchangeTest, GivesTheHandlerACompleteRequest) {
  const auto outcome = get("/a%20b?x=1");
  EXPECT_EQ(status(outcome), 200u);
  EXPECT_FALSE(outcome.close);
  EXPECT_EQ(outcome.websocket_accept, "");
  ASSERT_TRUE(handled_);
  EXPECT_EQ(handled_->path, "/a b");
  EXPECT_EQ(handled_->query, "x=1");
  EXPECT_EQ(handled_->remote_address, "192.0.2.1:50000");
  EXPECT_EQ(handled_->received_at, clock_.now());
  EXPECT_EQ(exchange_.requests(), 1u);
}

TEST_F(ExchangeTest, RefusesAMalformedTargetAndCloses) {
  for (const std::string_view target : {"", "a", "*", "/%zz", "/%00", "ftp://a/", "/a b"}) {
    const auto outcome = get(target);
    EXPECT_EQ(status(outcome), 400u) << target;
    EXPECT_TRUE(outcome.close) << target;
    EXPECT_FALSE(handled_) << target;
  }
}

TEST_F(ExchangeTest, PassesAnOptionsRequestForTheWholeServer) {
  (void)method("OPTIONS", "*");
  EXPECT_EQ(handled_.value().path, "*");
}

TEST_F(ExchangeTest, AnswersAMethodThatItDoesNotKnowAndGoesOn) {
  for (const std::string_view name : {"FOO", "get", "CONNECT", "PROPFIND"}) {
    const auto outcome = method(name);
    EXPECT_EQ(status(outcome), 501u) << name;
    EXPECT_FALSE(outcome.close);
    EXPECT_FALSE(handled_);
  }
}

TEST_F(ExchangeTest, CountsEveryKindOfRequestAgainstTheLimit) {
  limits_.requests_per_second_per_address = 3;
  EXPECT_EQ(status(get("/")), 200u);
  EXPECT_EQ(status(method("FOO")), 501u);
  EXPECT_EQ(status(get("*")), 400u);
  EXPECT_EQ(status(get("/", {{"Upgrade", "websocket"}})), 426u);
  EXPECT_EQ(status(get("/", {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}})), 400u);
  EXPECT_EQ(status(method("OPTIONS", "*")), 200u);
  for (const std::string_view name : {"GET", "FOO", "OPTIONS"})
    EXPECT_EQ(status(method(name)), 429u) << name;
  EXPECT_FALSE(handled_);
  EXPECT_EQ(exchange_.requests(), 9u);
}

TEST_F(ExchangeTest, ChargesWhatTheHandlerSays) {
  limits_.requests_per_second_per_address = 2;
  for (int i = 0; i < 12; ++i) EXPECT_EQ(status(get("/cheap")), 200u) << i;
  EXPECT_EQ(status(get("/")), 200u);
  EXPECT_EQ(status(method("FOO", "/cheap")), 429u) << "a method that is not known costs one";
  EXPECT_EQ(status(get("/cheap")), 429u);
}

TEST_F(ExchangeTest, ClosesAConnectionAfterRefusalsInARow) {
  limits_.requests_per_second_per_address = 1;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(status(get("/")), 200u);
  for (unsigned i = 1; i <= ConnectionPermit::kRefusalsInARow; ++i) {
    const auto outcome = method(i % 2 == 0 ? "GET" : "FOO");
    EXPECT_EQ(status(outcome), 429u);
    EXPECT_EQ(outcome.close, i == ConnectionPermit::kRefusalsInARow) << i;
  }
}

TEST_F(ExchangeTest, DoesNotCloseAConnectionThatSlowsDown) {
  limits_.requests_per_second_per_address = 1;
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(get("/").close) << i;
    clock_.advance(std::chrono::milliseconds(250));
  }
}

const std::vector<http::Header> kUpgrade = {{"Upgrade", "websocket"},
                                            {"Connection", "Upgrade"},
                                            {"Sec-WebSocket-Version", "13"},
                                            {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};

TEST_F(ExchangeTest, AcceptsAnUpgradeToWebSocket) {
  const auto outcome = get("/stream", kUpgrade);
  EXPECT_EQ(outcome.websocket_accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(handled_.value().path, "/stream");
}

TEST_F(ExchangeTest, IgnoresAnUpgradeWhereTheProtocolHasNone) {
  http::Request request;
  request.method = "GET";
  request.headers = kUpgrade;
  const auto outcome = answer(std::move(request), "/stream", false);
  EXPECT_EQ(status(outcome), 200u);
  EXPECT_EQ(outcome.websocket_accept, "");
}

TEST_F(ExchangeTest, IgnoresAnUpgradeToAnotherProtocol) {
  EXPECT_EQ(get("/", {{"Upgrade", "h2c"}, {"Connection", "Upgrade"}}).websocket_accept, "");
  EXPECT_TRUE(handled_);
}

TEST_F(ExchangeTest, RefusesAnUpgradeThatIsNotInOrder) {
  std::vector<http::Header> headers = kUpgrade;
  headers[3].second = "short";
  auto outcome = get("/stream", headers);
  EXPECT_EQ(status(outcome), 400u);
  EXPECT_TRUE(outcome.close);
  headers = kUpgrade;
  headers[2].second = "8";
  outcome = get("/stream", headers);
  EXPECT_EQ(status(outcome), 426u);
  EXPECT_TRUE(outcome.close);
  EXPECT_FALSE(handled_);
}

TEST_F(ExchangeTest, IgnoresForwardedForFromAPeerThatIsNotTrusted) {
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9"}}), "192.0.2.1:50000");
}

TEST_F(ExchangeTest, TakesTheAddressThatATrustedProxySaw) {
  limits_.trusted_proxies = networks({"192.0.2.1"});
  EXPECT_EQ(client({}), "192.0.2.1:50000");
  EXPECT_EQ(client({{"x-forwarded-for", "203.0.113.9"}}), "203.0.113.9:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "198.51.100.7, 203.0.113.9"}}), "203.0.113.9:0")
      << "the client may have written what stands before";
  EXPECT_EQ(client({{"X-Forwarded-For", "198.51.100.7"}, {"X-Forwarded-For", " 203.0.113.9 "}}),
            "203.0.113.9:0")
      << "the proxy may append a line";
  EXPECT_EQ(client({{"X-Forwarded-For", "2001:db8::1"}}), "[2001:db8::1]:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "::ffff:203.0.113.9"}}), "203.0.113.9:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9:4711"}}), "203.0.113.9:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "[2001:db8::1]:4711"}}), "[2001:db8::1]:0");
}

TEST_F(ExchangeTest, GoesBackOverEveryTrustedProxy) {
  limits_.trusted_proxies = networks({"192.0.2.1", "10.0.0.0/8", "fd00::/8"});
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9, 10.1.1.1"}}), "203.0.113.9:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "198.51.100.7, 203.0.113.9, fd00::2, 10.1.1.1"}}),
            "203.0.113.9:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9,10.3.3.3"}, {"X-Forwarded-For", "10.2.2.2"}}),
            "203.0.113.9:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "10.9.9.9, 10.1.1.1"}}), "10.9.9.9:0")
      << "a client in a trusted network is the client all the same";
}

TEST_F(ExchangeTest, PassesOverEmptyHops) {
  limits_.trusted_proxies = networks({"192.0.2.1", "10.0.0.0/8"});
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9,, 10.1.1.1 ,"}}), "203.0.113.9:0");
}

TEST_F(ExchangeTest, StopsAtAHopThatIsNotAnAddress) {
  limits_.trusted_proxies = networks({"192.0.2.1", "10.0.0.0/8"});
  for (const char* text : {"", " ", ",", "unknown", "203.0.113.9, _hidden", "300.1.1.1", "[", "[]",
                           ":1", "203.0.113.9 evil"})
    EXPECT_EQ(client({{"X-Forwarded-For", text}}), "192.0.2.1:50000") << text;
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9, unknown, 10.1.1.1"}}), "10.1.1.1:0");
}

}  // namespace
}  // namespace livestream::net
