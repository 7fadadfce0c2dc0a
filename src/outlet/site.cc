#include "outlet/site.h"

#include <fmt/format.h>

#include "outlet/beacon_outlet.h"
#include "outlet/health_outlet.h"
#include "outlet/stream_outlet.h"
#include "outlet/web_policy.h"

namespace livestream {
namespace {

// GET /time: the server's clock, from which a player knows the age of its picture.
http::Answer time_of_day(const Clock& clock) {
  const std::chrono::duration<double, std::milli> since_1970 = clock.wall_now().time_since_epoch();
  http::Response response;
  response.head.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body =
      SharedBytes(std::string_view(fmt::format("{{\"time_ms\":{:.3f}}}\n", since_1970.count())));
  return response;
}

}  // namespace

std::unique_ptr<http::Handler> make_site(const SiteContext& context) {
  auto router = std::make_unique<http::Router>();
  const ServerSettings& server = context.config.server;
  add_assets(*router, context.assets,
             {.web_root = server.web_root, .title = context.config.streams.at(0).title});

  const auto stream = std::make_shared<StreamOutlet>(context.stream, context.viewers, context.clock,
                                                     &context.demand);
  router->add("GET", "/stream",
              [stream](const http::Request& request) { return stream->get(request); });

  const auto demo = std::make_shared<StreamOutlet>(context.demo, context.viewers, context.clock,
                                                   &context.demo_demand);
  router->add("GET", "/demo", [demo](const http::Request& request) { return demo->get(request); });

  router->add("GET", "/stats", [&stats = context.stats](const http::Request& request) {
    return stats.get(request);
  });

  router->add(
      "GET", "/time", [&clock = context.clock](const http::Request&) { return time_of_day(clock); },
      kPageRequestCost);
  router->add("POST", "/beacon", [&viewers = context.viewers](const http::Request& request) {
    return take_beacon(request, viewers);
  });
  router->add("GET", "/healthz", [](const http::Request&) { return health(); });
  router->add("GET", "/readyz",
              [context](const http::Request&) { return readiness(context.stream, context.clock); });
  return std::make_unique<WebPolicy>(std::move(router), context.config.server.cors_origin);
}

}  // namespace livestream
