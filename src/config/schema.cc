#include "config/schema.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "config/settings.h"

namespace livestream {
namespace {

using Json = nlohmann::ordered_json;

Json words_of(const Setting& setting) {
  Json words = Json::array();
  for (const std::string_view word : setting.words) words.push_back(std::string(word));
  return words;
}

// The pattern of a text with a reference.
Json reference() { return {{"type", "string"}, {"pattern", "\\$\\{"}}; }

Json alternatives_of(const Setting& setting) {
  Json some = Json::array();
  switch (setting.shape) {
    case Shape::kText:
      if (!setting.words.empty()) some.push_back({{"enum", words_of(setting)}});
      some.push_back({{"type", {"string", "number"}}});
      return some;
    case Shape::kWord:
      some.push_back({{"enum", words_of(setting)}});
      break;
    case Shape::kSwitch: {
      some.push_back({{"type", "boolean"}});
      Json words = words_of(setting);
      for (const char* word : {"on", "off", "yes", "no"}) words.push_back(word);
      some.push_back({{"enum", words}});
      break;
    }
    case Shape::kWhole:
      some.push_back({{"type", "integer"},
                      {"minimum", static_cast<std::int64_t>(setting.lowest)},
                      {"maximum", static_cast<std::int64_t>(setting.highest)}});
      break;
    case Shape::kNumber:
      if (!setting.words.empty()) some.push_back({{"enum", words_of(setting)}});
      some.push_back({{"type", "number"},
                      {"minimum", static_cast<std::int64_t>(setting.lowest)},
                      {"maximum", static_cast<std::int64_t>(setting.highest)}});
      some.push_back({{"type", "string"}});
      return some;
    case Shape::kHook:
      some.push_back({{"type", "string"}, {"pattern", "^[Hh][Tt][Tt][Pp][Ss]?://"}});
      some.push_back({{"type", "array"}, {"items", {{"type", {"string", "number", "boolean"}}}}});
      break;
  }
  some.push_back(reference());
  return some;
}

Json schema_of(const Setting& setting) {
  Json some = alternatives_of(setting);
  if (setting.list) some.push_back({{"type", "array"}, {"items", {{"type", "string"}}}});
  // A key without a value counts as not set.
  some.push_back({{"type", "null"}});
  const std::string value = setting.print(Values{});
  return {{"description", fmt::format("{} Must be {}. Default: {}.", setting.help, setting.allowed,
                                      value.empty() ? setting.unset : std::string_view(value))},
          {"anyOf", some}};
}

// Refers to a part of the schema that stands in several places.
Json definition(std::string_view name) { return {{"$ref", fmt::format("#/definitions/{}", name)}}; }

Json properties_of(std::span<const Setting> table) {
  Json properties = Json::object();
  for (const Setting& setting : table) {
    if (!setting.flag_only && setting.key != "VIDEO_FILE")
      properties[name_in_file(setting)] = schema_of(setting);
  }
  return properties;
}

Json hooks_schema() {
  return {{"type", {"object", "null"}},
          {"description", "Commands and HTTP requests at events of a stream."},
          {"additionalProperties", false},
          {"properties", properties_of(hook_settings())}};
}

// The keys of a stream and of `defaults:`, without `source`.
Json stream_properties() {
  Json properties = properties_of(stream_settings());
  properties["hooks"] = definition("hooks");
  return properties;
}

Json stream_schema() {
  Json properties = stream_properties();
  properties["source"] = {
      {"description",
       "The source: a file, a device (/dev/video0, avfoundation:0), a URL (rtsp, "
       "http, srt, ...), or `demo`."},
      {"type", "string"}};
  properties["video_file"] = {{"description", "Another name for source."}, {"type", "string"}};
  Json either = Json::array();
  for (const char* key : {"source", "video_file"}) either.push_back({{"required", {key}}});
  return {{"type", "object"},
          {"description", "A stream: its source, and settings of its own."},
          {"oneOf", either},
          {"additionalProperties", false},
          {"properties", properties}};
}

}  // namespace

std::string config_schema() {
  Json properties = properties_of(server_settings());
  properties["hooks"] = definition("hooks");
  properties["defaults"] = {{"type", {"object", "null"}},
                            {"description", "Settings for each stream without a value of its own."},
                            {"additionalProperties", false},
                            {"properties", stream_properties()}};
  Json one = Json::array();
  one.push_back({{"type", "string"}, {"description", "The source of the stream."}});
  one.push_back(definition("stream"));
  properties["streams"] = {
      {"type", {"object", "null"}},
      {"description", "The streams by their names, each as its source or with settings."},
      {"propertyNames", {{"pattern", "^[a-z0-9][a-z0-9_-]{0,62}$"}}},
      {"additionalProperties", {{"anyOf", one}}}};
  const Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                       {"title", "livestream.yml"},
                       {"type", {"object", "null"}},
                       {"additionalProperties", false},
                       {"properties", properties},
                       {"definitions", {{"stream", stream_schema()}, {"hooks", hooks_schema()}}}};
  return schema.dump(2) + '\n';
}

}  // namespace livestream
