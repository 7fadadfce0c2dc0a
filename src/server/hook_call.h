#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/hook_settings.h"

namespace livestream {

// One event of a stream, with the hook that is to run for it.
struct HookCall {
  std::string stream;
  // source_up, source_down, first_viewer, last_viewer.
  std::string event;
  Hook hook;
  // How long it may take.
  std::chrono::milliseconds timeout{};
  std::size_t viewers = 0;
  // Why the source is down, masked; empty otherwise.
  std::string error;
  WallTime at{};
};

// The facts of the event: one line of JSON, without its end.
[[nodiscard]] std::string facts_of(const HookCall& call);
// The same as variables, NAME=VALUE.
[[nodiscard]] std::vector<std::string> variables_of(const HookCall& call);
// The program, or the server of the address, as the log names it: the rest may hold secrets.
[[nodiscard]] std::string target_of(const Hook& hook);

// As "2.5 s".
[[nodiscard]] std::string seconds_of(std::chrono::milliseconds time);

}  // namespace livestream
