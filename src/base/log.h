#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/log_level.h"

namespace spdlog {
class logger;
}

namespace livestream {

// Writes one line per event to standard error: a message and `key=value` fields, as text or as one
// JSON object. Control characters are escaped, so that text from outside cannot forge a line or
// steer a terminal. Copies share the sink. Any thread may log. Callers mask credentials first
// (base/mask.h).
class Log {
 public:
  struct Field {
    // NOLINTBEGIN(google-explicit-constructor): {"key", value} at the call
    Field(std::string_view name, std::string_view text) : key(name), value(text) {}
    Field(std::string_view name, const std::string& text) : key(name), value(text) {}
    Field(std::string_view name, const char* text) : key(name), value(text) {}
    Field(std::string_view name, bool yes)
        : key(name), value(yes ? "true" : "false"), is_number(true) {}
    Field(std::string_view name, double number);
    template <std::integral T>
    Field(std::string_view name, T number)
        : key(name), value(std::to_string(number)), is_number(true) {}
    // NOLINTEND(google-explicit-constructor)

    std::string_view key;
    std::string value;
    // Of JSON: a number, true or false, not a string.
    bool is_number = false;
  };
  using Fields = std::initializer_list<Field>;

  Log(LogLevel level, LogFormat format);
  // Writes nothing: for tests.
  static Log silent();

  void error(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kError, message, fields);
  }
  void warn(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kWarn, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kInfo, message, fields);
  }
  void debug(std::string_view message, Fields fields = {}) const {
    write(LogLevel::kDebug, message, fields);
  }
  void write(LogLevel level, std::string_view message, Fields fields) const;

 private:
  Log() = default;
  std::shared_ptr<spdlog::logger> sink_;
  LogFormat format_ = LogFormat::kText;
};

}  // namespace livestream
