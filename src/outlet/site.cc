#include "outlet/site.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "outlet/api_outlet.h"
#include "outlet/beacon_outlet.h"
#include "outlet/event_outlet.h"
#include "outlet/health_outlet.h"
#include "outlet/json_response.h"
#include "outlet/stream_list.h"
#include "outlet/stream_outlet.h"
#include "outlet/web_policy.h"

namespace livestream {
namespace {

constexpr std::string_view kDemo = "demo";
constexpr std::string_view kWall = "/wall";

// GET /time: the server's clock, from which a player knows the age of its picture.
http::Answer time_of_day(const Clock& clock) {
  const std::chrono::duration<double, std::milli> since_1970 = clock.wall_now().time_since_epoch();
  return json_text_response(
      SharedBytes(std::string_view(fmt::format("{{\"time_ms\":{:.3f}}}\n", since_1970.count()))));
}

// A page's relative addresses need the slash. The location is relative, because a proxy may serve
// us below a path of its own.
http::Answer with_slash(const http::Request& request) {
  std::string location = request.path.substr(request.path.rfind('/') + 1) + "/";
  if (!request.query.empty()) location += "?" + request.query;
  return http::text_response(301, "see " + location, {{"Location", location}});
}

// The answers below one stream's name on one worker.
struct StreamSite {
  StreamTable::Entry entry;
  std::shared_ptr<StreamOutlet> outlet;
  http::Router router;
};

class Site final : public http::Handler {
 public:
  explicit Site(const SiteContext& context);

  [[nodiscard]] http::Answer handle(const http::Request& request) override;
  [[nodiscard]] double cost(const http::Request& request) const override;

 private:
  // A path split behind the name of a stream: `/NAME/rest`. At the root, the entry is the first
  // stream's and `rest` is the whole path.
  struct Place {
    StreamTable::Entry entry;
    std::string_view rest;
    bool at_root = true;
  };
  [[nodiscard]] static Place place_of(std::string_view path, const StreamTable& table);
  // `request.path` is what comes behind the stream's name.
  [[nodiscard]] http::Answer answer_of(const StreamTable::Entry& entry,
                                       const http::Request& request);
  [[nodiscard]] bool shows_wall(std::string_view path) const;
  [[nodiscard]] StreamSite& site_of(const StreamTable::Entry& entry);
  void add_stream_routes(StreamSite& site);
  void forget_removed(const std::shared_ptr<const StreamTable>& table);

  const SiteContext context_;
  ApiOutlet api_;
  // At the root only, and the same at the root and below each name.
  http::Router root_;
  http::Router shared_;
  // The page of all streams; it stands there without any, too.
  http::Router wall_;
  // By Stream::id().
  std::map<std::uint64_t, StreamSite> sites_;
  std::shared_ptr<const StreamTable> table_;
};

Site::Site(const SiteContext& context)
    : context_(context),
      api_({.streams = context.streams, .viewers = context.viewers, .control = context.control}) {
  add_files(shared_, context.assets, context.settings.web_root);
  add_pages(wall_, context.assets, {.web_root = context.settings.web_root, .title = "Live"});
  shared_.add(
      "GET", "/time", [&clock = context.clock](const http::Request&) { return time_of_day(clock); },
      kPageRequestCost);
  shared_.add("POST", "/beacon", [&viewers = context.viewers](const http::Request& request) {
    return take_beacon(request, viewers);
  });
  shared_.add("GET", "/demo", [this](const http::Request& request) -> http::Answer {
    const StreamTable::Entry demo = table_->find(kDemo);
    if (!demo) return http::text_response(404, "this server has no demo");
    return site_of(demo).outlet->get(request);
  });
  root_.add("GET", "/events", [this](const http::Request& request) {
    return listen(request, *table_, context_.events, context_.clock);
  });
  root_.add("GET", "/healthz", [](const http::Request&) { return health(); });
  root_.add("GET", "/readyz",
            [this](const http::Request&) { return readiness(*table_, context_.clock); });
  root_.add(
      "GET", "/streams.json",
      [this](const http::Request&) { return list_streams(*table_, context_.viewers); },
      kPageRequestCost);
  root_.add("GET", "/metrics", [this](const http::Request&) { return context_.metrics.get(); });
}

Site::Place Site::place_of(std::string_view path, const StreamTable& table) {
  const std::size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view name = path.substr(1, end - 1);
  // /demo itself is a stream, not a page.
  const bool named = !name.empty() && !(name == kDemo && end == path.size());
  if (StreamTable::Entry entry = named ? table.find(name) : nullptr)
    return {.entry = std::move(entry), .rest = path.substr(end), .at_root = false};
  return {.entry = table.first(), .rest = path};
}

http::Answer Site::handle(const http::Request& request) {
  if (const auto table = context_.streams.table(); table != table_) forget_removed(table);
  if (root_.has(request.path)) return root_.handle(request);
  if (request.path.starts_with(ApiOutlet::kPrefix)) return api_.handle(request);
  if (request.path == "/demo" || request.path == "*") return shared_.handle(request);
  const Place place = place_of(request.path, *table_);
  if (place.rest.empty()) return with_slash(request);
  if (place.at_root && !shows_wall(request.path)) return answer_of(place.entry, request);
  http::Request below = request;
  below.path = place.at_root ? kWall : place.rest;
  return place.at_root ? wall_.handle(below) : answer_of(place.entry, below);
}

bool Site::shows_wall(std::string_view path) const {
  return path == kWall || (path == "/" && table_->listed().size() != 1);
}

http::Answer Site::answer_of(const StreamTable::Entry& entry, const http::Request& request) {
  if (entry == nullptr) return shared_.handle(request);
  http::Router& own = site_of(entry).router;
  return own.has(request.path) ? own.handle(request) : shared_.handle(request);
}

double Site::cost(const http::Request& request) const {
  if (root_.has(request.path)) return root_.cost(request);
  http::Request below = request;
  const Place place = place_of(request.path, *context_.streams.table());
  below.path = place.rest;
  if (shared_.has(below.path)) return shared_.cost(below);
  const auto site = place.entry ? sites_.find(place.entry->stream->id()) : sites_.end();
  return site == sites_.end() ? 1 : site->second.router.cost(below);
}

StreamSite& Site::site_of(const StreamTable::Entry& entry) {
  StreamSite& site = sites_[entry->stream->id()];
  if (site.entry == entry) return site;
  site.entry = entry;
  if (!site.outlet) {
    site.outlet = std::make_shared<StreamOutlet>(entry->stream, entry->demand, context_.viewers,
                                                 context_.clock);
  }
  site.router = {};
  add_stream_routes(site);
  return site;
}

void Site::add_stream_routes(StreamSite& site) {
  http::Router& router = site.router;
  router.add("GET", "/stream",
             [outlet = site.outlet](const http::Request& request) { return outlet->get(request); });
  router.add("GET", "/stats", [this, entry = site.entry](const http::Request& request) {
    return context_.stats.get(request, *entry);
  });
  router.add("GET", "/readyz", [this, stream = site.entry->stream](const http::Request&) {
    return readiness(*stream, context_.clock);
  });
  add_pages(router, context_.assets,
            {.web_root = context_.settings.web_root, .title = site.entry->settings.title});
}

void Site::forget_removed(const std::shared_ptr<const StreamTable>& table) {
  table_ = table;
  std::erase_if(sites_, [&](const auto& site) {
    const auto& entries = table->all();
    return std::none_of(entries.begin(), entries.end(), [&](const StreamTable::Entry& entry) {
      return entry->stream->id() == site.first;
    });
  });
}

}  // namespace

std::unique_ptr<http::Handler> make_site(const SiteContext& context) {
  return std::make_unique<WebPolicy>(std::make_unique<Site>(context), context.settings.cors_origin);
}

}  // namespace livestream
