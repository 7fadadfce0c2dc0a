#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/config.h"

namespace livestream {

// VIDEO_FPS: --video-fps
[[nodiscard]] std::string flag_of(std::string_view key);

// One thing that a user can set. The table of them drives flags, environment, `.env`, --help and
// --check alike; defaults are those of Config{}.
struct Setting {
  std::string_view key;          // VIDEO_FPS; its flag is --video-fps
  std::string_view placeholder;  // of the value, in --help
  std::string_view allowed;      // continues "must be ..."
  std::string_view help;
  std::string_view unset;  // what holds when there is no value, where Config{} shows none
  bool flag_only = false;
  // Names a program that the server runs: a `.env` that other users may write to does not set it.
  bool runs = false;
  // Stores a value that is not empty, may add notices; false when its form is not allowed. Reads
  // of other members of Config see the settings that stand earlier in the table.
  bool (*parse)(std::string_view value, Config& config);
  // What `parse` would take for the same effect; empty when unset.
  std::string (*print)(const Config& config);

  [[nodiscard]] std::string flag() const { return flag_of(key); }
};

// One table for each part of Config, and all of them in this order.
[[nodiscard]] std::span<const Setting> source_settings();
[[nodiscard]] std::span<const Setting> encoding_settings();
[[nodiscard]] std::span<const Setting> server_settings();
[[nodiscard]] std::span<const Setting> settings();

}  // namespace livestream
