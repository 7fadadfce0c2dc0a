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

// Absent or null: no number. False for any other type and for a number beyond kLargest.
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

// A word that the player chooses: up to 32 letters, dashes and underscores.
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

// Absent: 0, the id of no viewer.
bool read_id(const Json& object, const char* key, std::uint64_t* id) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return true;
  if (!found->is_number_unsigned()) return false;
  *id = found->get<std::uint64_t>();
  return true;
}

std::optional<std::pair<std::uint64_t, PlayerReport>> parse(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  std::uint64_t viewer = 0;
  PlayerReport report;
  std::optional<double> buffer;
  std::optional<double> rate;
  const Json latency = json.value("latency_ms", Json::object());
  const bool good = latency.is_object() && read_id(json, "viewer", &viewer) &&
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
  (void)viewers.report(parsed->first, std::move(parsed->second));
  return http::Response{.head = {.status = 204, .headers = {}}, .body = {}};
}

}  // namespace livestream
