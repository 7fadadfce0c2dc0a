#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/server_settings.h"
#include "config/stream_settings.h"

namespace livestream {

// VIDEO_FPS: --video-fps
[[nodiscard]] std::string flag_of(std::string_view key);

// The settings of the server and those of one stream, which the entries of the tables write to.
struct Values {
  ServerSettings server;
  StreamSettings stream;
  // To be logged at start: values that were raised, rounded or ignored, and why.
  std::vector<std::string> notices;
};

// One thing that a user can set. Flags, environment, `.env`, --help and --check use the same table
// of settings; the defaults are those of Values{}.
struct Setting {
  // VIDEO_FPS; its flag is --video-fps.
  std::string_view key;
  // Stands for the value in --help.
  std::string_view placeholder;
  // Continues "must be ...".
  std::string_view allowed;
  std::string_view help;
  // The effect of having no value, where Values{} has none.
  std::string_view unset;
  bool flag_only = false;
  // Names a program that the server runs: a `.env` that other users may write to does not set it.
  bool runs = false;
  // Stores a value that is not empty, and may add notices; false when the form is not allowed. It
  // may read the settings that stand earlier in the table.
  bool (*parse)(std::string_view value, Values& values);
  // A value with the same effect for `parse`; empty when unset.
  std::string (*print)(const Values& values);

  [[nodiscard]] std::string flag() const { return flag_of(key); }
};

// One table for each part of Values, and all of them in this order.
[[nodiscard]] std::span<const Setting> source_settings();
[[nodiscard]] std::span<const Setting> encoding_settings();
[[nodiscard]] std::span<const Setting> server_settings();
[[nodiscard]] std::span<const Setting> settings();

// The names of all settings that the environment and `.env` may hold.
[[nodiscard]] std::vector<std::string> setting_keys();

}  // namespace livestream
