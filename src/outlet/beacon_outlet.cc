#include "outlet/beacon_outlet.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/ascii.h"

namespace livestream {
namespace {

using Json = nlohmann::json;

constexpr double kLargest = 1e12;

// Absent or null is nothing; anything but a number of a sensible size is an error.
bool read_number(const Json& object, const char* key, std::optional<double>* number) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return true;
  if (!found->is_number()) return false;
  *number = found->get<double>();
  return **number >= -kLargest && **number <= kLargest;
}

bool read_count(const Json& object, const char* key, std::uint64_t* count) {
  std::optional<double> number;
  if (!read_number(object, key, &number)) return false;
  *count = number ? static_cast<std::uint64_t>(std::max(0.0, *number)) : 0;
  return true;
}

// A word of the player's own: letters and dashes.
bool read_word(const Json& object, const char* key, std::string* word) {
  constexpr std::size_t kLongest = 32;
  const auto found = object.find(key);
  if (found == object.end()) return true;
  if (!found->is_string()) return false;
  *word = found->get<std::string>();
  return word->size() <= kLongest && std::all_of(word->begin(), word->end(), [](char c) {
           return is_letter(c) || c == '-' || c == '_';
         });
}

std::optional<std::pair<std::uint64_t, PlayerReport>> parse(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  std::uint64_t viewer = 0;
  PlayerReport report;
  std::optional<double> buffer;
  std::optional<double> rate;
  const Json latency = json.value("latency_ms", Json::object());
  const bool good = latency.is_object() && read_count(json, "viewer", &viewer) &&
                    read_number(latency, "p50", &report.latency_p50_ms) &&
                    read_number(latency, "p95", &report.latency_p95_ms) &&
                    read_number(json, "buffer_ms", &buffer) && read_number(json, "rate", &rate) &&
                    read_count(json, "dropped", &report.dropped_frames) &&
                    read_count(json, "decoded", &report.decoded_frames) &&
                    read_count(json, "stalls", &report.stalls) &&
                    read_count(json, "reconnects", &report.reconnects) &&
                    read_word(json, "transport", &report.transport) &&
                    read_word(json, "state", &report.state);
  if (!good) return std::nullopt;
  report.buffer_ms = buffer.value_or(0);
  report.rate = rate.value_or(1);
  return std::pair(viewer, std::move(report));
}

}  // namespace

http::Answer take_beacon(const http::Request& request, ViewerRegistry& viewers) {
  auto parsed = parse(request.body);
  if (!parsed) return http::text_response(400, "a beacon is the JSON object that the player sends");
  (void)viewers.report(parsed->first, request.remote_address, std::move(parsed->second));
  return http::Response{.head = {.status = 204, .headers = {}}, .body = {}};
}

}  // namespace livestream
