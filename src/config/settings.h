#pragma once

#include <cstdint>
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

// The kind of a value, for editors that know the schema of files.
enum class Shape : std::uint8_t {
  kText,
  // One of Setting::words.
  kWord,
  kSwitch,
  // A whole number from `lowest` to `highest`.
  kWhole,
  // A number in this range, or a text that means one.
  kNumber,
  // An address, or in a file a list that is a command (hook_settings.h).
  kHook,
};

// One thing that a user can set. Flags, environment, files, --help, --check and --schema use the
// same table of settings; the defaults are those of Values{}.
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
  // May only stand in a file, where it belongs to one stream or to all.
  bool file_only = false;
  // Takes items with commas between them; in a file also as a list.
  bool list = false;
  // Names a program that the server runs: a `.env` that other users may write to does not set it.
  bool runs = false;
  Shape shape = Shape::kText;
  // kWhole, kNumber.
  double lowest = 0;
  double highest = 0;
  // Allowed whatever the shape; all that is allowed with kWord.
  std::span<const std::string_view> words = {};
  // Stores a value that is not empty, and may add notices; false when the form is not allowed. It
  // may read the settings that stand earlier in the table.
  bool (*parse)(std::string_view value, Values& values);
  // A value with the same effect for `parse`; empty when unset.
  std::string (*print)(const Values& values);

  [[nodiscard]] std::string flag() const { return flag_of(key); }
};

// One table for each part of Values.
[[nodiscard]] std::span<const Setting> source_settings();
[[nodiscard]] std::span<const Setting> encoding_settings();
[[nodiscard]] std::span<const Setting> presentation_settings();
[[nodiscard]] std::span<const Setting> server_settings();
// The keys below `hooks:` in a file, of one stream or of all.
[[nodiscard]] std::span<const Setting> hook_settings();

// All that each stream may have a value of its own for: the first three tables.
[[nodiscard]] std::span<const Setting> stream_settings();
// All tables in this order, without the settings for files only.
[[nodiscard]] std::span<const Setting> settings();

// The setting of a table by its key (VIDEO_FPS) or its name in a file (video_fps); null when there
// is none. Case matters.
[[nodiscard]] const Setting* find_setting(std::span<const Setting> table, std::string_view key);
// VIDEO_FPS: video_fps
[[nodiscard]] std::string name_in_file(const Setting& setting);
// The same within a stream, where VIDEO_FILE is called `source`.
[[nodiscard]] std::string name_in_stream(const Setting& setting);

// A value, printed or as it stands in a file, without credentials.
[[nodiscard]] std::string masked(const Setting& setting, const std::string& value);

// The names of all settings that the environment and `.env` may hold.
[[nodiscard]] std::vector<std::string> setting_keys();

}  // namespace livestream
