#include "http/router.h"

#include <utility>

namespace livestream::http {

void Router::add(std::string method, std::string path, Function function) {
  routes_[std::move(path)][std::move(method)] = std::move(function);
}

std::string Router::allowed(const Methods& methods) {
  std::string list;
  for (const auto& [method, function] : methods)
    list += method + (method == "GET" ? ", HEAD, " : ", ");
  return list + "OPTIONS";
}

Answer Router::handle(const Request& request) {
  if (request.method == "OPTIONS" && request.path == "*") {
    return Response{.head = {.status = 204, .headers = {{"Allow", "GET, HEAD, POST, OPTIONS"}}},
                    .body = {}};
  }
  const auto route = routes_.find(request.path);
  if (route == routes_.end()) return text_response(404, "not found: try / or /stream or /stats");
  const Methods& methods = route->second;
  if (request.method == "OPTIONS") {
    return Response{.head = {.status = 204,
                             .headers = {{"Allow", allowed(methods)},
                                         {"Access-Control-Allow-Methods", allowed(methods)},
                                         {"Access-Control-Allow-Headers", "*"},
                                         {"Access-Control-Max-Age", "86400"}}},
                    .body = {}};
  }
  const auto function = methods.find(request.method == "HEAD" ? "GET" : request.method);
  if (function == methods.end()) {
    return text_response(405, "method not allowed here", {{"Allow", allowed(methods)}});
  }
  return function->second(request);
}

}  // namespace livestream::http
