#include "net/exchange.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "http/request_rules.h"
#include "net/socket.h"
#include "net/websocket.h"

namespace livestream::net {
namespace {

using boost::asio::ip::address;

Exchange::Outcome refusal(unsigned status, std::string_view line) {
  return {.answer = http::text_response(status, line), .close = true};
}

bool set_target(std::string_view target, http::Request* request) {
  if (target != "*" || request->method != "OPTIONS") return http::parse_target(target, request);
  request->path = "*";
  return true;
}

// All entries of X-Forwarded-For, from the first line to the last. A proxy may add a line of its
// own behind one that its client wrote.
std::vector<std::string_view> forwarded_for(const http::Request& request) {
  std::vector<std::string_view> entries;
  for (const auto& [name, value] : request.headers) {
    if (!equal_ignoring_case(name, "X-Forwarded-For")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      // Empty elements do not count (RFC 9110 §5.6.1).
      if (const std::string_view entry = trim(rest.substr(0, comma)); !entry.empty())
        entries.push_back(entry);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return entries;
}

// 192.0.2.1, 2001:db8::1; some proxies add the port: 192.0.2.1:50000, [2001:db8::1]:50000.
std::optional<address> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  boost::system::error_code malformed;
  const address parsed = boost::asio::ip::make_address(std::string(text), malformed);
  if (malformed) return std::nullopt;
  return parsed;
}

}  // namespace

std::string client_address(const http::Request& request, const boost::asio::ip::tcp::endpoint& peer,
                           const ConnectionPermit& permit) {
  std::optional<address> client;
  std::vector<std::string_view> hops = forwarded_for(request);
  while (!hops.empty() && permit.trusts(client.value_or(peer.address()))) {
    const std::optional<address> hop = parse_hop(hops.back());
    // A word such as "unknown": the proxy before it is all that is known.
    if (!hop) break;
    client = hop;
    hops.pop_back();
  }
  return client ? to_string({*client, 0}) : to_string(peer);
}

Exchange::Outcome Exchange::answer(Incoming incoming) {
  requests_.fetch_add(1, std::memory_order_relaxed);
  http::Request request = std::move(incoming.request);
  const bool knows_method = http::is_known_method(request.method);
  const bool has_target = set_target(incoming.target, &request);
  // Before any other refusal, so that requests which are refused for another reason count too.
  if (!incoming.permit.allow_request(knows_method && has_target ? handler_->cost(request) : 1)) {
    return {
        .answer = http::text_response(429, "too many requests a second",
                                      {{"Retry-After", "1"},
                                       {"Access-Control-Allow-Origin", "*"},
                                       {"Access-Control-Expose-Headers", http::kExposedHeaders}}),
        .close = incoming.permit.is_used_up()};
  }
  if (!knows_method)
    return {.answer = http::text_response(501, "no resource here knows this method")};
  if (!has_target) return refusal(400, "the address is malformed");
  request.remote_address = client_address(request, incoming.peer, incoming.permit);
  request.received_at = clock_.now();
  return handle(request, incoming.can_upgrade);
}

Exchange::Outcome Exchange::handle(const http::Request& request, bool can_upgrade) {
  if (!can_upgrade || !is_websocket_upgrade(request)) return {.answer = handler_->handle(request)};
  if (!is_websocket_version_known(request)) {
    return {
        .answer = http::text_response(426, "this server speaks version 13 of WebSocket",
                                      {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}}),
        .close = true};
  }
  const std::optional<std::string> accept = websocket_accept(request);
  if (!accept) return refusal(400, "malformed WebSocket upgrade (RFC 6455 section 4.2.1)");
  return {.answer = handler_->handle(request), .websocket_accept = *accept};
}

}  // namespace livestream::net
