#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/response.h"

namespace livestream {

// Which pages of other origins may use this server, and the security headers of every answer. Wraps
// the handler that knows the answers: lets no page of a strange origin change anything or open a
// WebSocket, tells browsers which origins may read (CORS) and frame our pages, and forbids what no
// answer of ours needs. One thread.
class WebPolicy final : public http::Handler {
 public:
  // `cors_origin`: `*`, or origins such as https://example.org separated by commas, or empty for
  // none.
  WebPolicy(std::unique_ptr<http::Handler> inner, const std::string& cors_origin);

  [[nodiscard]] http::Answer handle(const http::Request& request) override;

 private:
  class Pending;
  [[nodiscard]] bool allows(const http::Request& request) const;
  [[nodiscard]] http::Answer dress(http::Answer answer, const std::string& origin) const;
  void dress(http::ResponseHead& head, const std::string& origin) const;

  const std::unique_ptr<http::Handler> inner_;
  bool any_origin_ = false;
  std::vector<std::string> origins_;
  std::string frame_ancestors_ = "frame-ancestors 'self'";  // who may put a page into a frame
};

}  // namespace livestream
