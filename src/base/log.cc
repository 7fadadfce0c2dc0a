#include "base/log.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/utc_text.h"

namespace livestream {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kDebug:
      return spdlog::level::debug;
  }
  return spdlog::level::info;
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "error";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kDebug:
      return "debug";
  }
  return "info";
}

// In quotes unless it is one word.
std::string text_value(const std::string& value) {
  const bool plain = !value.empty() && std::none_of(value.begin(), value.end(), [](char c) {
    return is_control(c) || c == ' ' || c == '"' || c == '=';
  });
  if (plain) return value;
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Log::Field::Field(std::string_view name, double number)
    : key(name), value(fmt::to_string(number)), is_number(true) {}

Log::Log(LogLevel level, LogFormat format) : format_(format) {
  sink_ = std::make_shared<spdlog::logger>("livestream",
                                           std::make_shared<spdlog::sinks::stderr_sink_mt>());
  sink_->set_pattern("%v");
  sink_->set_level(to_spdlog(level));
}

Log Log::silent() { return Log(); }

void Log::write(LogLevel level, std::string_view message, Fields fields) const {
  if (!sink_ || !sink_->should_log(to_spdlog(level))) return;
  std::string line;
  if (format_ == LogFormat::kJson) {
    nlohmann::ordered_json json = {{"time", utc_text(std::chrono::system_clock::now())},
                                   {"level", name_of(level)},
                                   {"message", message}};
    for (const Field& field : fields) {
      if (field.is_number) {
        json[std::string(field.key)] = nlohmann::json::parse(field.value, nullptr, false);
      } else {
        json[std::string(field.key)] = field.value;
      }
    }
    line = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else {
    line = fmt::format("{} {:<5} {}", utc_text(std::chrono::system_clock::now()), name_of(level),
                       message);
    for (const Field& field : fields)
      line += fmt::format(" {}={}", field.key, text_value(field.value));
  }
  sink_->log(to_spdlog(level), "{}", escape_controls(line));
}

}  // namespace livestream
