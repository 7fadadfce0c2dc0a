#include "config/settings.h"

#include <algorithm>
#include <initializer_list>

#include "base/ascii.h"
#include "base/mask.h"

namespace livestream {
namespace {

std::vector<Setting> join_tables(std::initializer_list<std::span<const Setting>> tables) {
  std::vector<Setting> all;
  for (const std::span<const Setting> table : tables)
    all.insert(all.end(), table.begin(), table.end());
  return all;
}

std::vector<Setting> all_but_those_for_files() {
  std::vector<Setting> all = join_tables({stream_settings(), server_settings()});
  std::erase_if(all, [](const Setting& setting) { return setting.file_only; });
  return all;
}

}  // namespace

std::string flag_of(std::string_view key) {
  std::string flag = "--" + to_lower_case(key);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string name_in_file(const Setting& setting) { return to_lower_case(setting.key); }

std::span<const Setting> stream_settings() {
  static const std::vector<Setting> all =
      join_tables({source_settings(), encoding_settings(), presentation_settings()});
  return all;
}

std::span<const Setting> settings() {
  static const std::vector<Setting> all = all_but_those_for_files();
  return all;
}

const Setting* find_setting(std::span<const Setting> table, std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Setting& setting) {
    return setting.key == key || name_in_file(setting) == key;
  });
  return found == table.end() ? nullptr : &*found;
}

std::vector<std::string> setting_keys() {
  std::vector<std::string> keys;
  for (const Setting& setting : settings()) {
    if (!setting.flag_only) keys.emplace_back(setting.key);
  }
  return keys;
}

std::string masked(const Setting& setting, const std::string& value) {
  return setting.shape == Shape::kHook ? mask_hook(value) : mask_credentials(value);
}

std::string name_in_stream(const Setting& setting) {
  return setting.key == "VIDEO_FILE" ? "source" : name_in_file(setting);
}

}  // namespace livestream
