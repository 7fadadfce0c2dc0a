#pragma once

#include <functional>
#include <map>
#include <string>

#include "http/response.h"

namespace livestream::http {

// Passes each request to the route of its path and method, and answers other requests itself: 404,
// 405 with Allow, OPTIONS. HEAD is GET; the transport leaves the body out. One thread.
class Router final : public Handler {
 public:
  using Function = std::function<Answer(const Request&)>;

  // `method` GET or POST. Two methods of one path are two routes.
  void add(std::string method, std::string path, Function function);

  [[nodiscard]] Answer handle(const Request& request) override;

 private:
  using Methods = std::map<std::string, Function>;
  [[nodiscard]] static std::string allowed(const Methods& methods);

  std::map<std::string, Methods, std::less<>> routes_;
};

}  // namespace livestream::http
