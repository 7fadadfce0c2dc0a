#include "config/invocation.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/escape.h"
#include "base/mask.h"
#include "config/command_line.h"
#include "config/env_file.h"
#include "config/nearest_setting.h"
#include "config/settings.h"
#include "config/version.h"

namespace livestream {
namespace {

// Bytes of a value in an error.
constexpr std::size_t kLongestShown = 200;

// A value and the place where the user wrote it.
struct Given {
  std::string value;
  // The key as an error names it.
  std::string written;
  // The place as --check names it.
  std::string origin;
};

using GivenByKey = std::map<std::string_view, Given>;

// Fit for one line of a terminal or a log: masked, escaped, and cut between two characters.
std::string shown(std::string_view value) {
  std::string out = escape_controls(mask_credentials(value));
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(out[i]) & 0xC0) == 0x80;
  };
  std::size_t end = kLongestShown;
  while (end < out.size() && continues(end)) ++end;
  if (end < out.size()) out.replace(end, std::string::npos, "...");
  return out;
}

// The winning value of each setting. An empty value counts as not set, so the next place decides.
GivenByKey collect(const CommandLine& line, const Environment& environment,
                   const EnvFile& env_file) {
  GivenByKey all;
  for (const Setting& setting : settings()) {
    const auto flag = line.settings.find(setting.key);
    if (flag != line.settings.end() && !flag->second.value.empty()) {
      all[setting.key] = {flag->second.value, flag->second.written, "flag"};
      continue;
    }
    if (setting.flag_only) continue;
    const std::string key(setting.key);
    const auto variable = environment.find(key);
    if (variable != environment.end() && !variable->second.empty()) {
      all[setting.key] = {variable->second, key, "environment"};
      continue;
    }
    if (setting.runs && !env_file.distrust.empty()) continue;
    for (const EnvFileEntry& entry : env_file.entries) {
      if (entry.key != key) continue;
      all.erase(setting.key);
      if (entry.value.empty()) continue;
      const std::string place = fmt::format(".env line {}", entry.line);
      all[setting.key] = {entry.value, fmt::format("{}: {}", place, key), place};
    }
  }
  return all;
}

// A folder that came from elsewhere must not choose the program that runs when a user starts the
// server in it.
void add_notices_on_distrust(const EnvFile& env_file, Values& values) {
  if (env_file.distrust.empty()) return;
  for (const EnvFileEntry& entry : env_file.entries) {
    for (const Setting& setting : settings()) {
      if (!setting.runs || setting.key != entry.key || entry.value.empty()) continue;
      values.notices.push_back(
          fmt::format(".env line {}: {} is ignored, because it chooses a program to run and {}, or "
                      "give {}",
                      entry.line, entry.key, env_file.distrust, setting.flag()));
    }
  }
}

void add_notices_on_what_is_ignored(const GivenByKey& all, Values& values) {
  const auto ignore = [&](std::string_view key, std::string_view why) {
    if (all.count(key) > 0) values.notices.push_back(fmt::format("{} is ignored: {}", key, why));
  };
  if (values.stream.encoding.video_codec == "copy") {
    for (const std::string_view key :
         {"VIDEO_FPS", "VIDEO_QUALITY", "VIDEO_CRF", "VIDEO_RESOLUTION", "VIDEO_MAXRATE",
          "VIDEO_PRESET", "VIDEO_PROFILE"}) {
      ignore(key, "VIDEO_CODEC=copy passes the picture through as it is");
    }
  } else if (values.stream.encoding.video_quality) {
    ignore("VIDEO_CRF", "VIDEO_QUALITY is set");
    ignore("VIDEO_RESOLUTION", "VIDEO_QUALITY is set");
  }
}

// Keys of other programs are common in this file, so one that is unknown is worth a notice only
// when it looks like one of ours.
void add_notices_on_unknown_keys(const std::vector<EnvFileEntry>& env_file, Values& values) {
  for (const EnvFileEntry& entry : env_file) {
    const auto table = settings();
    if (std::any_of(table.begin(), table.end(),
                    [&](const Setting& s) { return s.key == entry.key; }))
      continue;
    if (const auto meant = nearest_setting(entry.key)) {
      values.notices.push_back(fmt::format(".env line {}: {} is not a setting: did you mean {}?",
                                           entry.line, shown(entry.key), *meant));
    }
  }
}

Result<Values> to_values(const GivenByKey& all) {
  Values values;
  for (const Setting& setting : settings()) {
    const auto given = all.find(setting.key);
    if (given == all.end()) continue;
    const Given& it = given->second;
    if (!setting.parse(it.value, values)) {
      return fail(
          fmt::format("{}=\"{}\": must be {}", it.written, shown(it.value), setting.allowed));
    }
  }
  add_notices_on_what_is_ignored(all, values);
  return values;
}

// The form of a value in a `.env` file.
std::string quoted_where_needed(const std::string& value) {
  if (value.find_first_of(" \t#'\"\\") == std::string::npos) return value;
  if (value.find('\'') == std::string::npos) return '\'' + value + '\'';
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + '"';
}

std::string check_output(const GivenByKey& all, const Values& values) {
  std::string text;
  for (const Setting& setting : settings()) {
    const auto given = all.find(setting.key);
    const std::string value = mask_credentials(setting.print(values));
    std::string remark = given == all.end() ? "default" : given->second.origin;
    if (value.empty() && !setting.unset.empty()) remark += fmt::format(": {}", setting.unset);
    text += fmt::format("{:<40}  # {}\n",
                        fmt::format("{}={}", setting.key, quoted_where_needed(value)), remark);
  }
  for (const std::string& notice : values.notices) text += fmt::format("# {}\n", notice);
  return text;
}

}  // namespace

Result<Invocation> load_config(const std::vector<std::string>& arguments,
                               const Environment& environment, const std::string& directory) {
  const Result<CommandLine> line = parse_command_line(arguments);
  if (!line) return tl::unexpected(line.error());
  if (line->help) return Invocation{Action::kPrintAndExit, {}, usage()};
  if (line->version) {
    return Invocation{Action::kPrintAndExit, {}, fmt::format("livestream-server {}\n", kVersion)};
  }
  const Result<EnvFile> env_file = read_env_file(directory);
  if (!env_file) return tl::unexpected(env_file.error());
  const GivenByKey all = collect(*line, environment, *env_file);
  Result<Values> values = to_values(all);
  if (!values) return tl::unexpected(values.error());
  add_notices_on_distrust(*env_file, *values);
  add_notices_on_unknown_keys(env_file->entries, *values);
  std::string text = line->check ? check_output(all, *values) : "";
  return Invocation{line->check ? Action::kCheck : Action::kServe,
                    Config{.server = std::move(values->server),
                           .streams = {std::move(values->stream)},
                           .notices = std::move(values->notices)},
                    std::move(text)};
}

}  // namespace livestream
