#include "outlet/web_policy.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/ip_network.h"
#include "config/server_settings.h"

namespace livestream {
namespace {

// example.org:8443 of https://example.org:8443; empty for "null" and other text without a scheme.
std::string_view authority_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
}

bool changes_state(const http::Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

}  // namespace

bool is_own_origin(const http::Request& request) {
  const std::string_view origin = request.header("Origin");
  return origin.empty() || authority_of(origin) == request.header("Host");
}

bool came_through_proxy(const http::Request& request) {
  return !request.header("X-Forwarded-For").empty() || !request.header("Forwarded").empty() ||
         !request.header("Via").empty();
}

bool is_local_administrator(const http::Request& request) {
  const auto client = parse_ip_endpoint(request.remote_address);
  if (!client || !contains(loopback_networks(), *client)) return false;
  if (came_through_proxy(request) || !is_own_origin(request)) return false;
  // A page of another site whose name was made to lead here has that name.
  const std::string_view authority = request.header("Host");
  const std::size_t port = authority.rfind(':');
  const bool has_port =
      port != std::string_view::npos && authority.find(']', port) == authority.npos;
  const std::string_view host = has_port ? authority.substr(0, port) : authority;
  return host == "localhost" || host == "[::1]" || parse_ip_address(host).has_value();
}

// Adds the policy's headers once the answer is known.
class WebPolicy::Pending final : public http::PendingResponse {
 public:
  Pending(const WebPolicy& policy, std::unique_ptr<PendingResponse> inner, std::string origin)
      : policy_(policy), inner_(std::move(inner)), origin_(std::move(origin)) {}

  [[nodiscard]] http::Answer poll(SteadyTime now) override {
    http::Answer answer = inner_->poll(now);
    if (std::holds_alternative<std::unique_ptr<PendingResponse>>(answer)) return answer;
    return policy_.add_policy_headers(std::move(answer), origin_);
  }
  [[nodiscard]] http::Channel channel() const override { return inner_->channel(); }
  [[nodiscard]] SteadyTime deadline() const override { return inner_->deadline(); }

 private:
  const WebPolicy& policy_;
  const std::unique_ptr<PendingResponse> inner_;
  const std::string origin_;
};

WebPolicy::WebPolicy(std::unique_ptr<http::Handler> inner, const std::string& cors_origin)
    : inner_(std::move(inner)), any_origin_(cors_origin == "*") {
  std::string_view rest = any_origin_ ? std::string_view() : cors_origin;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    origins_.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    frame_ancestors_ += " " + origins_.back();
  }
}

bool WebPolicy::allows(const http::Request& request) const {
  const std::string_view origin = request.header("Origin");
  return is_own_origin(request) || any_origin_ ||
         std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

http::Answer WebPolicy::handle(const http::Request& request) {
  const std::string origin(request.header("Origin"));
  const bool upgrade = !request.header("Upgrade").empty();
  if ((upgrade || changes_state(request)) && !allows(request)) {
    return add_policy_headers(
        http::text_response(403, "pages of this origin may not do that: see CORS_ORIGIN"), {});
  }
  http::Answer answer = inner_->handle(request);
  if (auto* pending = std::get_if<std::unique_ptr<http::PendingResponse>>(&answer)) {
    return std::make_unique<Pending>(*this, std::move(*pending), origin);
  }
  return add_policy_headers(std::move(answer), origin);
}

http::Answer WebPolicy::add_policy_headers(http::Answer answer, const std::string& origin) const {
  if (auto* response = std::get_if<http::Response>(&answer)) {
    add_policy_headers(response->head, origin);
  } else if (auto* streaming = std::get_if<http::StreamingResponse>(&answer)) {
    add_policy_headers(streaming->head, origin);
  }
  return answer;
}

void WebPolicy::add_policy_headers(http::ResponseHead& head, const std::string& origin) const {
  head.headers.emplace_back("X-Content-Type-Options", "nosniff");
  head.headers.emplace_back("Referrer-Policy", "same-origin");
  head.headers.emplace_back("Access-Control-Expose-Headers", http::kExposedHeaders);
  if (any_origin_) {
    head.headers.emplace_back("Access-Control-Allow-Origin", "*");
    head.headers.emplace_back("Timing-Allow-Origin", "*");
  } else {
    head.headers.emplace_back("Content-Security-Policy", frame_ancestors_);
    // Caches must know that the answer differs by origin.
    if (!origins_.empty()) head.headers.emplace_back("Vary", "Origin");
    if (std::find(origins_.begin(), origins_.end(), origin) != origins_.end()) {
      head.headers.emplace_back("Access-Control-Allow-Origin", origin);
      head.headers.emplace_back("Timing-Allow-Origin", origin);
    }
  }
}

}  // namespace livestream
