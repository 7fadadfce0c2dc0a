#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include "base/log_level.h"

namespace spdlog {
class logger;
}

namespace livestream {

// One line per event on standard error: a message and `key=value` fields, as text or as one JSON
// object. Copies share the sink. Any thread may log. Callers mask credentials before they get here
// (base/mask.h).
class Log {
 public:
  struct Field {
    template <typename T>
    Field(std::string_view name,
          const T& content)  // NOLINT(google-explicit-constructor): {"key", value} at the call
        : key(name), value(fmt::to_string(content)), is_number(std::is_arithmetic_v<T>) {}
    std::string_view key;
    std::string value;
    bool is_number;
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
