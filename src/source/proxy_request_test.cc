#include "source/proxy_request.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

ProxyRequest read(const std::string& text) {
  const auto result = read_proxy_request(text);
  if (!result || !*result) {
    ADD_FAILURE() << "not read: " << text;
    return {};
  }
  return **result;
}

// As ffmpeg 5.1 sends it.
const std::string kGet =
    "GET http://h.example:8080/a?b=/c HTTP/1.1\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\n"
    "Range: bytes=0-\r\nConnection: keep-alive\r\nHost: h.example:8080\r\nIcy-MetaData: 1\r\n"
    "Proxy-Authorization: Basic ZzpzZWNyZXQ=\r\n\r\n";

TEST(ProxyRequest, BecomesARequestToTheServerItself) {
  const ProxyRequest request = read(kGet + "next");
  EXPECT_FALSE(request.is_tunnel);
  EXPECT_EQ(request.host, "h.example");
  EXPECT_EQ(request.port, 8080);
  EXPECT_EQ(request.credentials, "Basic ZzpzZWNyZXQ=");
  EXPECT_EQ(request.size, kGet.size());
  EXPECT_EQ(request.head,
            "GET /a?b=/c HTTP/1.1\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\n"
            "Range: bytes=0-\r\nConnection: keep-alive\r\nHost: h.example:8080\r\n"
            "Icy-MetaData: 1\r\n\r\n");
}

TEST(ProxyRequest, OpensATunnel) {
  const ProxyRequest request =
      read("CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n");
  EXPECT_TRUE(request.is_tunnel);
  EXPECT_EQ(request.host, "2001:db8::1");
  EXPECT_EQ(request.port, 443);
  EXPECT_EQ(request.head, "");
  EXPECT_EQ(request.credentials, "");
}

TEST(ProxyRequest, TakesEachFormOfATarget) {
  struct Row {
    const char* target;
    const char* host;
    std::uint16_t port;
    const char* path;
  };
  for (const Row& row : std::vector<Row>{
           {"http://h", "h", 80, "/"},
           {"HTTP://h/", "h", 80, "/"},
           {"http://h?q", "h", 80, "/?q"},
           {"http://u:p@h:1/x", "h", 1, "/x"},
           {"http://[::1]/x", "::1", 80, "/x"},
           {"http://[::1]:65535/x y", "::1", 65535, "/x y"},
           {"http://h/http://x@y:2/", "h", 80, "/http://x@y:2/"},
           {"http://127.1/", "127.1", 80, "/"},
       }) {
    const ProxyRequest request = read(std::string("GET ") + row.target + " HTTP/1.1\r\n\r\n");
    EXPECT_EQ(request.host, row.host) << row.target;
    EXPECT_EQ(request.port, row.port) << row.target;
    EXPECT_EQ(request.head, std::string("GET ") + row.path + " HTTP/1.1\r\n\r\n");
  }
}

TEST(ProxyRequest, IsNothingBeforeItsLastByte) {
  for (std::size_t size = 0; size < kGet.size(); ++size) {
    const auto result = read_proxy_request(std::string_view(kGet).substr(0, size));
    ASSERT_TRUE(result) << size;
    EXPECT_FALSE(*result) << size;
  }
}

TEST(ProxyRequest, RefusesWhatFfmpegDoesNotSend) {
  for (const char* text : {
           "\r\n\r\n",
           "GET\r\n\r\n",
           "GET http://h/\r\n\r\n",
           "GET http://h/ HTTP/2\r\n\r\n",
           "GET / HTTP/1.1\r\n\r\n",
           "GET https://h/ HTTP/1.1\r\n\r\n",
           "GET ftp://h/ HTTP/1.1\r\n\r\n",
           "GET http:// HTTP/1.1\r\n\r\n",
           "GET http:///x HTTP/1.1\r\n\r\n",
           "GET http://h:0/ HTTP/1.1\r\n\r\n",
           "GET http://h:65536/ HTTP/1.1\r\n\r\n",
           "GET http://h:+1/ HTTP/1.1\r\n\r\n",
           "GET http://h:/ HTTP/1.1\r\n\r\n",
           "GET http://h:1x/ HTTP/1.1\r\n\r\n",
           "GET http://[::1/ HTTP/1.1\r\n\r\n",
           "GET http://[::1]x/ HTTP/1.1\r\n\r\n",
           "GET http://h\x01/ HTTP/1.1\r\n\r\n",
           "GET http://h\xc3\xa4/ HTTP/1.1\r\n\r\n",
           "POST http://h/ HTTP/1.1\r\n\r\n",
           "CONNECT h HTTP/1.1\r\n\r\n",
           "CONNECT http://h/ HTTP/1.1\r\n\r\n",
           "GET http://h/ HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
           "GET http://h/ HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
           "GET http://h/ HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
           "GET http://h/ HTTP/1.1\r\nno colon\r\n\r\n",
           "GET http://h/ HTTP/1.1\r\n: x\r\n\r\n",
           "GET http://h/ HTTP/1.1\r\na: b\nc: d\r\n\r\n",
           "GET http://h/ HTTP/1.1\r\na: b\rc: d\r\n\r\n",
       }) {
    EXPECT_FALSE(read_proxy_request(text)) << text;
  }
  const std::string_view with_zero("GET http://h/ HTTP/1.1\r\na: \0\r\n\r\n", 34);
  EXPECT_FALSE(read_proxy_request(with_zero));
}

TEST(ProxyRequest, HasALongestHead) {
  const std::string start = "GET http://h/ HTTP/1.1\r\nCookie: ";
  const std::string room(ProxyRequest::kLongestHead - start.size() - 4, 'c');
  EXPECT_EQ(read(start + room + "\r\n\r\n").size, ProxyRequest::kLongestHead);
  EXPECT_FALSE(read_proxy_request(start + room + "c\r\n\r\n"));
  EXPECT_FALSE(read_proxy_request(std::string(ProxyRequest::kLongestHead, 'x')));
}

TEST(ProxyRequest, WritesCredentialsAsBase64) {
  EXPECT_EQ(basic_credentials("g:secret"), "Basic ZzpzZWNyZXQ=");
  EXPECT_EQ(basic_credentials("Aladdin:open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(basic_credentials("abc"), "Basic YWJj");
  EXPECT_EQ(basic_credentials("\xff\xfe\xfd"), "Basic //79");
}

}  // namespace
}  // namespace livestream
