#include "http/response.h"

#include <string>
#include <utility>

namespace livestream::http {

double Handler::cost(const Request& /*request*/) const { return 1; }

Response text_response(unsigned status, std::string_view line, std::vector<Header> headers) {
  Response response;
  response.head.status = status;
  response.head.headers = std::move(headers);
  response.head.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  response.head.headers.emplace_back("Cache-Control", "no-store");
  response.head.headers.emplace_back(kAnsweredBy, "livestream-server");
  std::string body(line);
  body += '\n';
  response.body = SharedBytes(std::string_view(body));
  return response;
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

}  // namespace livestream::http
