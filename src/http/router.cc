#include "http/router.h"

#include <utility>

namespace livestream::http {

void Router::add(std::string method, std::string path, Function function, double cost) {
  routes_[std::move(path)][std::move(method)] = {std::move(function), cost};
}

const Router::Route* Router::find(const Methods& methods, const std::string& method) {
  const auto route = methods.find(method == "HEAD" ? "GET" : method);
  return route == methods.end() ? nullptr : &route->second;
}

double Router::cost(const Request& request) const {
  const auto methods = routes_.find(request.path);
  const Route* route = methods == routes_.end() ? nullptr : find(methods->second, request.method);
  return route == nullptr ? 1 : route->cost;
}

std::string Router::allowed(const Methods& methods) {
  std::string list;
  for (const auto& [method, route] : methods)
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
  const Route* found = find(methods, request.method);
  if (found == nullptr)
    return text_response(405, "method not allowed here", {{"Allow", allowed(methods)}});
  return found->function(request);
}

}  // namespace livestream::http
