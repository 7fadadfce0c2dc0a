#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "http/response.h"

namespace livestream::http {

// Passes each request to the route of its path and method, and answers other requests itself: 404,
// 405 with Allow, OPTIONS. HEAD is GET; the transport leaves the body out. One thread.
class Router final : public Handler {
 public:
  using Function = std::function<Answer(const Request&)>;

  // `method` GET or POST. Two methods of one path are two routes. `cost`: see Handler::cost.
  void add(std::string method, std::string path, Function function, double cost = 1);

  [[nodiscard]] bool has(std::string_view path) const { return routes_.contains(path); }
  [[nodiscard]] Answer handle(const Request& request) override;
  [[nodiscard]] double cost(const Request& request) const override;

 private:
  struct Route {
    Function function;
    double cost = 1;
  };
  using Methods = std::map<std::string, Route>;
  // Null when the path has no route for the method.
  [[nodiscard]] static const Route* find(const Methods& methods, const std::string& method);
  [[nodiscard]] static std::string allowed(const Methods& methods);

  std::map<std::string, Methods, std::less<>> routes_;
};

}  // namespace livestream::http
