#include "http/router.h"

#include <gtest/gtest.h>

namespace livestream::http {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.add("GET", "/time", [](const Request&) { return text_response(200, "now"); });
    router_.add("POST", "/beacon", [](const Request&) { return text_response(204, ""); });
  }
  Response ask(std::string method, std::string path) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    return std::get<Response>(router_.handle(request));
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const Header& header : response.head.headers) {
      if (header.first == name) return header.second;
    }
    return {};
  }
  Router router_;
};

TEST_F(RouterTest, TellsTheCostOfARequest) {
  router_.add(
      "GET", "/file", [](const Request&) { return text_response(200, "file"); }, 0.25);
  const auto cost = [this](std::string method, std::string path) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    return router_.cost(request);
  };
  EXPECT_EQ(cost("GET", "/file"), 0.25);
  EXPECT_EQ(cost("HEAD", "/file"), 0.25);
  EXPECT_EQ(cost("POST", "/file"), 1) << "405";
  EXPECT_EQ(cost("GET", "/file/more"), 1) << "404";
  EXPECT_EQ(cost("GET", "/time"), 1);
}

TEST_F(RouterTest, AnswersFromTheRouteOfPathAndMethod) {
  EXPECT_EQ(ask("GET", "/time").head.status, 200u);
  EXPECT_EQ(ask("HEAD", "/time").head.status, 200u);
  EXPECT_EQ(ask("POST", "/beacon").head.status, 204u);
}

TEST_F(RouterTest, SaysWhatIsAllowedWhereAMethodIsNot) {
  const Response response = ask("DELETE", "/time");
  EXPECT_EQ(response.head.status, 405u);
  EXPECT_EQ(header(response, "Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(header(ask("GET", "/beacon"), "Allow"), "POST, OPTIONS");
}

TEST_F(RouterTest, AnswersOptionsAndPreflights) {
  const Response response = ask("OPTIONS", "/time");
  EXPECT_EQ(response.head.status, 204u);
  EXPECT_EQ(header(response, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ask("OPTIONS", "*").head.status, 204u);
}

TEST_F(RouterTest, DoesNotFindWhatHasNoRoute) {
  EXPECT_EQ(ask("GET", "/").head.status, 404u);
  EXPECT_EQ(ask("GET", "/time/").head.status, 404u);
  EXPECT_EQ(ask("OPTIONS", "/nothing").head.status, 404u);
}

}  // namespace
}  // namespace livestream::http
