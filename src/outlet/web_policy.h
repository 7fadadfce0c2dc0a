#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/response.h"

namespace livestream {

// Whether a request comes from a page of this server's own, or from a program that is not a browser
// (which names no origin).
[[nodiscard]] bool is_own_origin(const http::Request& request);

// Whether a proxy has passed the request on, or says so. The client's address is then what the
// proxy says, or the proxy's own.
[[nodiscard]] bool came_through_proxy(const http::Request& request);

// Whether the request comes from a program on this machine, directly, or from a page of this
// server's own that was opened here by the name of this machine: who may change the server as long
// as there are no passwords.
[[nodiscard]] bool is_local_administrator(const http::Request& request);

// Decides which pages of other origins may use this server, and adds the security headers to every
// answer. Wraps the handler that answers: refuses state-changing requests and WebSockets of pages
// that are not allowed, and tells browsers which origins may read (CORS) and frame our pages. One
// thread.
class WebPolicy final : public http::Handler {
 public:
  // `cors_origin`: `*`, or origins such as https://example.org separated by commas, or empty for
  // our own pages only.
  WebPolicy(std::unique_ptr<http::Handler> inner, const std::string& cors_origin);

  [[nodiscard]] http::Answer handle(const http::Request& request) override;
  [[nodiscard]] double cost(const http::Request& request) const override {
    return inner_->cost(request);
  }

 private:
  class Pending;
  [[nodiscard]] bool allows(const http::Request& request) const;
  [[nodiscard]] http::Answer add_policy_headers(http::Answer answer,
                                                const std::string& origin) const;
  void add_policy_headers(http::ResponseHead& head, const std::string& origin) const;

  const std::unique_ptr<http::Handler> inner_;
  bool any_origin_ = false;
  std::vector<std::string> origins_;
  // The pages that may frame ours, as a Content-Security-Policy.
  std::string frame_ancestors_ = "frame-ancestors 'self'";
};

}  // namespace livestream
