#include "outlet/web_policy.h"

#include <gtest/gtest.h>

#include "http/router.h"

namespace livestream {
namespace {

class LateAnswer final : public http::PendingResponse {
 public:
  [[nodiscard]] http::Answer poll(SteadyTime) override { return http::text_response(200, "late"); }
  [[nodiscard]] http::Channel channel() const override { return 0; }
  [[nodiscard]] SteadyTime deadline() const override { return {}; }
};

class WebPolicyTest : public testing::Test {
 protected:
  http::Response ask(const std::string& cors_origin, std::string method, std::string path,
                     std::vector<http::Header> headers) {
    auto router = std::make_unique<http::Router>();
    router->add("GET", "/stats",
                [](const http::Request&) { return http::text_response(200, "{}"); });
    router->add("POST", "/beacon",
                [](const http::Request&) { return http::text_response(204, ""); });
    router->add("GET", "/late",
                [](const http::Request&) { return std::make_unique<LateAnswer>(); });
    WebPolicy policy(std::move(router), cors_origin);
    http::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers = std::move(headers);
    http::Answer answer = policy.handle(request);
    if (auto* pending = std::get_if<std::unique_ptr<http::PendingResponse>>(&answer)) {
      http::Answer late = (*pending)->poll({});
      return std::get<http::Response>(late);
    }
    return std::get<http::Response>(answer);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const http::Header& header : response.head.headers) {
      if (header.first == name) return header.second;
    }
    return {};
  }
};

TEST_F(WebPolicyTest, LetsEveryOriginReadByDefault) {
  const auto response = ask("*", "GET", "/stats", {{"Origin", "https://a.example"}});
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(response, "Timing-Allow-Origin"), "*");
  EXPECT_EQ(header(response, "Access-Control-Expose-Headers"),
            "Answered-By, Retry-After, Stream-Epoch, Stream-Viewer");
}

TEST_F(WebPolicyTest, NamesOnlyTheOriginsThatMayRead) {
  const std::string allowed = "https://a.example,https://b.example";
  const auto yes = ask(allowed, "GET", "/late", {{"Origin", "https://b.example"}});
  EXPECT_EQ(header(yes, "Access-Control-Allow-Origin"), "https://b.example");
  EXPECT_EQ(header(yes, "Timing-Allow-Origin"), "https://b.example");
  EXPECT_EQ(header(yes, "Vary"), "Origin");
  const auto no = ask(allowed, "GET", "/stats", {{"Origin", "https://c.example"}});
  EXPECT_EQ(header(no, "Access-Control-Allow-Origin"), "");
  EXPECT_EQ(header(no, "Timing-Allow-Origin"), "");
  EXPECT_EQ(header(no, "Vary"), "Origin");
}

TEST_F(WebPolicyTest, LetsTheSameOriginsFrameItsPages) {
  EXPECT_EQ(header(ask("*", "GET", "/stats", {}), "Content-Security-Policy"), "");
  EXPECT_EQ(header(ask("https://a.example", "GET", "/stats", {}), "Content-Security-Policy"),
            "frame-ancestors 'self' https://a.example");
  EXPECT_EQ(header(ask("", "GET", "/stats", {}), "Content-Security-Policy"),
            "frame-ancestors 'self'");
}

TEST_F(WebPolicyTest, RefusesChangesByPagesOfOtherOrigins) {
  EXPECT_EQ(ask("", "POST", "/beacon", {{"Host", "cam:8000"}, {"Origin", "https://a.example"}})
                .head.status,
            403u);
  EXPECT_EQ(ask("", "POST", "/beacon", {{"Host", "cam:8000"}, {"Origin", "null"}}).head.status,
            403u);
  EXPECT_EQ(
      ask("", "POST", "/beacon", {{"Host", "cam:8000"}, {"Origin", "http://cam:8000"}}).head.status,
      204u);
  EXPECT_EQ(ask("", "POST", "/beacon", {{"Host", "cam:8000"}}).head.status, 204u)
      << "not a browser";
  EXPECT_EQ(
      ask("https://a.example", "POST", "/beacon", {{"Origin", "https://a.example"}}).head.status,
      204u);
}

TEST_F(WebPolicyTest, RefusesWebSocketsOfPagesOfOtherOrigins) {
  const std::vector<http::Header> headers = {
      {"Host", "cam"}, {"Origin", "https://a.example"}, {"Upgrade", "websocket"}};
  EXPECT_EQ(ask("", "GET", "/stats", headers).head.status, 403u);
  EXPECT_EQ(ask("*", "GET", "/stats", headers).head.status, 200u);
}

TEST(LocalAdministrator, IsAProgramOfThisMachineWithoutAProxy) {
  const auto may = [](const std::string& from, std::vector<http::Header> headers) {
    http::Request request;
    request.remote_address = from;
    request.headers = std::move(headers);
    return is_local_administrator(request);
  };
  const std::string here = "127.0.0.1:50000";
  for (const char* host : {"localhost", "localhost:8000", "127.0.0.1:8000", "[::1]", "[::1]:8000"})
    EXPECT_TRUE(may(here, {{"Host", host}})) << host;
  EXPECT_TRUE(may("[::1]:5", {{"Host", "localhost"}}));
  EXPECT_TRUE(may("[::ffff:127.0.0.1]:5", {{"Host", "localhost"}}));
  EXPECT_TRUE(may(here, {{"Host", "localhost:8000"}, {"Origin", "http://localhost:8000"}}));

  for (const char* from : {"192.168.1.7:5", "[fe80::1]:5", "127.0.0.1.evil:5", "", "unknown"})
    EXPECT_FALSE(may(from, {{"Host", "localhost"}})) << from;
  for (const char* host : {"", "evil.example", "evil.example:8000", "localhost.evil.example",
                           "[::1", "localhost:8000:1"})
    EXPECT_FALSE(may(here, {{"Host", host}})) << host;
  for (const char* origin : {"http://evil.example", "null", "http://localhost:9000"})
    EXPECT_FALSE(may(here, {{"Host", "localhost:8000"}, {"Origin", origin}})) << origin;
  for (const char* proxy : {"X-Forwarded-For", "Forwarded", "Via"})
    EXPECT_FALSE(may(here, {{"Host", "localhost"}, {proxy, "127.0.0.1"}})) << proxy;
}

}  // namespace
}  // namespace livestream
