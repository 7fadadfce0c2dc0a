#include "http/request_rules.h"

#include <gtest/gtest.h>

namespace livestream::http {
namespace {

unsigned verdict(std::vector<Header> headers, bool http_1_0 = false) {
  Request request;
  request.headers = std::move(headers);
  const std::optional<Refusal> refusal = check_headers(request, http_1_0);
  return refusal ? refusal->status : 0;
}

TEST(CheckHeaders, WantsOneHost) {
  EXPECT_EQ(verdict({{"host", "a"}}), 0u);
  EXPECT_EQ(verdict({}), 400u);
  EXPECT_EQ(verdict({{"Host", "a"}, {"HOST", "a"}}), 400u);
  EXPECT_EQ(verdict({}, true), 0u);
  EXPECT_EQ(verdict({{"Host", "a"}, {"Host", "a"}}, true), 400u);
}

TEST(CheckHeaders, KnowsNoTransferCodingButChunked) {
  const auto coded = [](std::string_view coding, bool http_1_0 = false) {
    return verdict({{"Host", "a"}, {"Transfer-Encoding", std::string(coding)}}, http_1_0);
  };
  for (const char* coding : {"chunked", "CHUNKED", " chunked\t", "chunked,", ", chunked"})
    EXPECT_EQ(coded(coding), 0u) << coding;
  for (const char* coding :
       {"", ",", "identity", "gzip", "xchunked", "chunked, gzip", "chunked,chunked",
        "chunked chunked", "chunked;q=1", "chunked;", "\"chunked\"", "chunked\xa0", "chunked/"})
    EXPECT_EQ(coded(coding), 400u) << coding;
  EXPECT_EQ(coded("gzip, chunked"), 501u);
  EXPECT_EQ(coded("chunked", true), 400u);
}

TEST(CheckHeaders, JoinsTheLinesOfTransferEncoding) {
  EXPECT_EQ(verdict({{"Host", "a"}, {"Transfer-Encoding", "chunked"}, {"transfer-encoding", "x"}}),
            400u);
  EXPECT_EQ(verdict({{"Host", "a"}, {"Transfer-Encoding", "x"}, {"Transfer-Encoding", "chunked"}}),
            501u);
}

TEST(CheckHeaders, KnowsOneExpectation) {
  EXPECT_EQ(verdict({{"Host", "a"}, {"Expect", "100-Continue"}}), 0u);
  EXPECT_EQ(verdict({{"Host", "a"}, {"Expect", ""}}), 0u);
  EXPECT_EQ(verdict({{"Host", "a"}, {"Expect", "wonders"}}), 417u);
  EXPECT_EQ(verdict({{"Host", "a"}, {"Expect", "wonders"}}, true), 0u);
}

TEST(ExpectsContinue, IsOfHttp11Alone) {
  Request request;
  request.headers = {{"Expect", "100-CONTINUE"}};
  EXPECT_TRUE(expects_continue(request, false));
  EXPECT_FALSE(expects_continue(request, true));
  request.headers.clear();
  EXPECT_FALSE(expects_continue(request, false));
}

TEST(IsHostValue, FollowsTheGrammar) {
  for (const char* host : {"", "a", "a:", "a:80", "127.0.0.1:8000", "[::1]", "[::1]:80",
                           "A-b_c.example.", "a%41", "a!$&'()*+,;=b"})
    EXPECT_TRUE(is_host_value(host)) << host;
  for (const char* host : {"a b",  "a/b",  "a?b",  "a#b",    "u@a", "http://a", "a:b",   "a:80:80",
                           "a:-1", "[::1", "::1",  "[::1]x", "[",   "[]",       "[a]",   "]",
                           "a%",   "a%4",  "a%zz", "a\\b",   "a<b", "{a}",      "a\xff", "\x7f"})
    EXPECT_FALSE(is_host_value(host)) << host;
}

TEST(IsKnownMethod, IsCaseSensitive) {
  EXPECT_TRUE(is_known_method("GET"));
  EXPECT_TRUE(is_known_method("PATCH"));
  for (const char* method : {"", "get", "GETT", "CONNECT", "PROPFIND"})
    EXPECT_FALSE(is_known_method(method)) << method;
}

TEST(IsHttpVersion, TakesOneDigitOnEachSide) {
  EXPECT_TRUE(is_http_version("HTTP/2.0"));
  for (const char* text :
       {"", "HTTP/1", "HTTP/1.", "HTTP/1.11", "HTTP/11.1", "http/1.1", "HTTP/x.y"})
    EXPECT_FALSE(is_http_version(text)) << text;
}

}  // namespace
}  // namespace livestream::http
