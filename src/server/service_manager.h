#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace livestream {

// The service manager that started us (systemd's notification protocol, sd_notify(3)); without one,
// every call does nothing. Any thread.
class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET and WATCHDOG_USEC.
  ServiceManager();

  void ready() const { send("READY=1"); }
  void stopping() const { send("STOPPING=1"); }
  void alive() const { send("WATCHDOG=1"); }
  // How often it wants to hear alive(); nothing when it does not.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

 private:
  void send(std::string_view state) const;

  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace livestream
