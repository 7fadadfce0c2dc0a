#include "http/request.h"

#include <gtest/gtest.h>

namespace livestream::http {
namespace {

TEST(ParseTarget, SplitsPathAndQuery) {
  Request request;
  ASSERT_TRUE(parse_target("/stream?audio=0&x=%41+b", &request));
  EXPECT_EQ(request.path, "/stream");
  EXPECT_EQ(request.parameter("audio"), "0");
  EXPECT_EQ(request.parameter("x"), "A b");
  EXPECT_EQ(request.parameter("y"), std::nullopt);
}

TEST(ParseTarget, TakesTheAbsoluteFormThatProxiesSend) {
  Request request;
  ASSERT_TRUE(parse_target("http://camera.local:8000/stats?x", &request));
  EXPECT_EQ(request.path, "/stats");
  EXPECT_EQ(request.parameter("x"), "");
  ASSERT_TRUE(parse_target("HTTP://camera.local", &request));
  EXPECT_EQ(request.path, "/");
  ASSERT_TRUE(parse_target("http://camera.local?audio=0", &request));
  EXPECT_EQ(request.parameter("audio"), "0");
}

TEST(ParseTarget, DecodesThePathOnce) {
  Request request;
  ASSERT_TRUE(parse_target("/%2573tats", &request));
  EXPECT_EQ(request.path, "/%73tats");
}

TEST(ParseTarget, RefusesWhatIsNoTarget) {
  for (const char* target : {"", "stream", "*", "ftp://a/b", "http:///x", "http://", "/a%", "/a%2",
                             "/a%zz", "/a%00", "/a#b", "/\xc3\xa4", "/a b", "/a\x7f"}) {
    Request request;
    EXPECT_FALSE(parse_target(target, &request)) << target;
  }
}

TEST(Request, FindsHeadersWhateverTheirCase) {
  Request request;
  request.headers = {{"If-None-Match", "\"a\""}, {"if-none-match", "\"b\""}};
  EXPECT_EQ(request.header("IF-NONE-MATCH"), "\"a\"");
  EXPECT_EQ(request.header("Host"), "");
}

TEST(Request, TakesABrokenParameterForAbsent) {
  Request request;
  request.query = "audio=%zz&&=&after";
  EXPECT_EQ(request.parameter("audio"), std::nullopt);
  EXPECT_EQ(request.parameter("after"), "");
}

}  // namespace
}  // namespace livestream::http
