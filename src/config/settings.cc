#include "config/settings.h"

#include <algorithm>

#include "base/ascii.h"

namespace livestream {
namespace {

std::vector<Setting> join_tables() {
  std::vector<Setting> all;
  for (const std::span<const Setting> table :
       {source_settings(), encoding_settings(), server_settings()})
    all.insert(all.end(), table.begin(), table.end());
  return all;
}

}  // namespace

std::string flag_of(std::string_view key) {
  std::string flag = "--" + to_lower_case(key);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::span<const Setting> settings() {
  static const std::vector<Setting> all = join_tables();
  return all;
}

std::vector<std::string> setting_keys() {
  std::vector<std::string> keys;
  for (const Setting& setting : settings()) {
    if (!setting.flag_only) keys.emplace_back(setting.key);
  }
  return keys;
}

}  // namespace livestream
