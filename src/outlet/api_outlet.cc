#include "outlet/api_outlet.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/mask.h"
#include "base/mutex.h"
#include "config/settings.h"
#include "outlet/json_response.h"
#include "outlet/web_policy.h"

namespace livestream {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kPatience{30};

http::Response error_response(unsigned status, std::string_view error,
                              std::vector<http::Header> headers = {}) {
  http::Response response = json_response({{"error", error}}, status);
  response.head.headers.emplace_back(http::kAnsweredBy, "livestream-server");
  response.head.headers.insert(response.head.headers.end(), headers.begin(), headers.end());
  return response;
}

http::Response not_allowed(std::string_view allowed) {
  return error_response(405, fmt::format("the methods here are {}", allowed),
                        {{"Allow", std::string(allowed)}});
}

// The values of one table by their names in a file, without credentials.
Json values_json(std::span<const Setting> table, const Values& values) {
  Json json = Json::object();
  for (const Setting& setting : table) {
    const std::string text = masked(setting, setting.print(values));
    Json value = text.empty() ? Json() : Json(text);
    if (setting.shape == Shape::kHook && is_hook_list(text)) value = Json::parse(text);
    if (text == "true" || text == "false") value = text == "true";
    if (setting.shape == Shape::kWhole || setting.shape == Shape::kNumber) {
      const Json number = Json::parse(text, nullptr, false);
      if (number.is_number()) value = number;
    }
    json[name_in_stream(setting)] = std::move(value);
  }
  return json;
}

Json settings_json(const StreamSettings& stream) {
  const Values values{.server = {}, .stream = stream, .notices = {}};
  Json json = values_json(stream_settings(), values);
  json["hooks"] = values_json(hook_settings(), values);
  return json;
}

Json stream_json(const StreamSettings& settings, const StreamEntry* entry,
                 std::unordered_map<std::uint64_t, std::size_t>& watching) {
  Json json = {{"name", settings.name}, {"enabled", settings.enabled}, {"state", "disabled"}};
  if (entry != nullptr) {
    const SourceStatus status = entry->stream->source_status();
    json["state"] = to_string(status.state);
    json["error"] = or_null(status.last_error);
    json["restarts"] = status.restarts;
    json["epoch"] = entry->stream->epoch();
  }
  json["viewers"] = entry == nullptr ? 0 : watching[entry->stream->id()];
  json["settings"] = settings_json(settings);
  return json;
}

// The outcome of a change, once it is known.
class Changing final : public http::PendingResponse {
 public:
  struct Shared {
    Mutex mutex;
    std::optional<ServerControl::Outcome> outcome GUARDED_BY(mutex);
  };

  explicit Changing(SteadyTime deadline) : deadline_(deadline) {}

  [[nodiscard]] ServerControl::Done done() const {
    return [shared = shared_](ServerControl::Outcome outcome) {
      const MutexLock lock(shared->mutex);
      shared->outcome = std::move(outcome);
    };
  }

  [[nodiscard]] http::Answer poll(SteadyTime now) override {
    const MutexLock lock(shared_->mutex);
    if (const auto& outcome = shared_->outcome) {
      if (outcome->error.empty()) return json_response({{"done", true}}, outcome->status);
      return error_response(outcome->status, mask_credentials(outcome->error));
    }
    if (now < deadline_) return std::unique_ptr<PendingResponse>();
    return error_response(503, "the server is busy: the change may still come");
  }
  // Polled with the worker's tick.
  [[nodiscard]] http::Channel channel() const override { return 0; }
  [[nodiscard]] SteadyTime deadline() const override { return deadline_; }

 private:
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  const SteadyTime deadline_;
};

http::Answer changing(const http::Request& request,
                      const std::function<void(ServerControl::Done)>& begin) {
  auto pending = std::make_unique<Changing>(request.received_at + kPatience);
  begin(pending->done());
  return pending;
}

// The part of the path up to the next slash, which is taken off with it.
std::string_view take_part(std::string_view& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view part = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return part;
}

}  // namespace

http::Answer ApiOutlet::handle(const http::Request& request) {
  if (!is_local_administrator(request)) {
    return error_response(403,
                          "the API answers programs of this machine only, at its loopback address "
                          "and without a proxy");
  }
  std::string_view rest = std::string_view(request.path).substr(kPrefix.size());
  if (take_part(rest) != "v1") return error_response(404, "not found: the API begins at /api/v1/");
  const std::string_view kind = take_part(rest);
  if (kind == "streams") return streams(request, rest);
  if (kind == "viewers") return viewers(request, rest);
  if (kind == "config" && rest.empty()) {
    if (request.method != "GET") return not_allowed("GET");
    const auto config = context_.control.config();
    Json json = {{"server", values_json(server_settings(), {.server = config->server})}};
    for (const StreamSettings& stream : config->streams)
      json["streams"][stream.name] = settings_json(stream);
    return json_response(json);
  }
  if (kind == "reload" && rest.empty()) {
    if (request.method != "POST") return not_allowed("POST");
    return changing(request,
                    [this](ServerControl::Done done) { context_.control.reload(std::move(done)); });
  }
  return error_response(404, "not found: try /api/v1/streams, viewers, config or reload");
}

http::Answer ApiOutlet::streams(const http::Request& request, std::string_view rest) {
  const std::string name(take_part(rest));
  if (!rest.empty()) return act(request, name, rest);
  if (!name.empty()) return one_stream(request, name);
  if (request.method != "GET") return not_allowed("GET");
  const auto table = context_.streams.table();
  auto watching = context_.viewers.present_by_stream();
  Json list = Json::array();
  const auto config = context_.control.config();
  for (const StreamSettings& settings : config->streams)
    list.push_back(stream_json(settings, table->find(settings.name).get(), watching));
  return json_response({{"streams", std::move(list)}});
}

http::Answer ApiOutlet::one_stream(const http::Request& request, const std::string& name) {
  if (request.method == "PUT") {
    return change(request, {StreamChange::Kind::kPut, name, request.body});
  }
  if (request.method == "PATCH") {
    return change(request, {StreamChange::Kind::kPatch, name, request.body});
  }
  if (request.method == "DELETE") return change(request, {StreamChange::Kind::kRemove, name, {}});
  if (request.method != "GET") return not_allowed("GET, PUT, PATCH, DELETE");
  const auto config = context_.control.config();
  const auto settings = std::find_if(config->streams.begin(), config->streams.end(),
                                     [&](const auto& stream) { return stream.name == name; });
  if (settings != config->streams.end()) {
    auto watching = context_.viewers.present_by_stream();
    return json_response(
        stream_json(*settings, context_.streams.table()->find(name).get(), watching));
  }
  return error_response(404, fmt::format("there is no stream {}", name));
}

http::Answer ApiOutlet::act(const http::Request& request, const std::string& name,
                            std::string_view action) {
  if (request.method != "POST") return not_allowed("POST");
  if (action == "restart") {
    return changing(request, [&](ServerControl::Done done) {
      context_.control.restart(name, std::move(done));
    });
  }
  if (action == "enable" || action == "disable") {
    const char* text = action == "enable" ? "enabled: true" : "enabled: false";
    return change(request, {StreamChange::Kind::kPatch, name, text});
  }
  return error_response(404, "not found: try restart, enable or disable");
}

http::Answer ApiOutlet::change(const http::Request& request, StreamChange change) {
  const std::string keep = request.parameter("keep").value_or("false");
  if (keep != "true" && keep != "false") return error_response(400, "keep=: must be true or false");
  return changing(request, [&](ServerControl::Done done) {
    context_.control.change(std::move(change), keep == "true", std::move(done));
  });
}

http::Answer ApiOutlet::viewers(const http::Request& request, std::string_view rest) {
  if (rest.empty()) {
    if (request.method != "GET") return not_allowed("GET");
    Json list = Json::array();
    for (const auto& viewer : context_.viewers.viewers()) {
      list.push_back({{"id", viewer->id},
                      {"stream", viewer->stream->name()},
                      {"remote_address", viewer->remote_address},
                      {"user_agent", viewer->user_agent},
                      {"bytes_sent", viewer->bytes_sent.load(std::memory_order_relaxed)}});
    }
    return json_response({{"viewers", std::move(list)}});
  }
  if (request.method != "DELETE") return not_allowed("DELETE");
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), id);
  const bool known =
      error == std::errc() && end == rest.data() + rest.size() && context_.viewers.dismiss(id);
  if (!known) return error_response(404, "there is no viewer of this id");
  return json_response({{"done", true}});
}

}  // namespace livestream
