#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/mask.h"
#include "config/effective.h"
#include "config/reference.h"

namespace livestream {
namespace {

// Quoted so that `.env` and YAML read the same text.
std::string quoted(const std::string& value) {
  if (value.find('\'') == std::string::npos) return '\'' + value + '\'';
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + '"';
}

// The form of a value in a `.env` file.
std::string quoted_where_needed(const std::string& value) {
  if (value.find_first_of(" \t#'\"\\") == std::string::npos) return value;
  return quoted(value);
}

const Given* find_given(const GivenByKey& given, const Setting& setting) {
  const auto found = given.find(setting.key);
  return found == given.end() ? nullptr : &found->second;
}

std::string remark_on(const Setting& setting, const Given* given, const std::string& value) {
  std::string remark = given == nullptr ? "default" : given->origin;
  if (value.empty() && !setting.unset.empty()) remark += fmt::format(": {}", setting.unset);
  return remark;
}

std::string in_form_of_env_file(const Effective& effective) {
  const Values values{effective.config.server, effective.config.streams.front(), {}};
  std::string text;
  for (const Setting& setting : settings()) {
    const Given* given = find_given(effective.streams.front(), setting);
    if (given == nullptr) given = find_given(effective.server, setting);
    const std::string value = mask_credentials(setting.print(values));
    text +=
        fmt::format("{:<40}  # {}\n", fmt::format("{}={}", setting.key, quoted_where_needed(value)),
                    remark_on(setting, given, value));
  }
  return text;
}

// Whether YAML takes the word for something else than text.
bool has_other_meaning(std::string_view value) {
  constexpr std::array<std::string_view, 8> kWords = {"null", "~",  "true", "false",
                                                      "yes",  "no", "on",   "off"};
  return std::find(kWords.begin(), kWords.end(), to_lower_case(value)) != kWords.end();
}

// The form of a value in livestream.yml. Settings of text keep words such as `off` as text.
std::string in_yaml(const std::string& value, bool is_text) {
  if (value.empty()) return value;
  const bool is_plain =
      std::all_of(value.begin(), value.end(),
                  [](char c) {
                    return is_letter(c) || is_digit(c) ||
                           std::string_view("._/-+:$").find(c) != std::string_view::npos;
                  }) &&
      (is_letter(value.front()) || is_digit(value.front()) || value.front() == '/') &&
      !value.ends_with(':') && !(is_text && (has_other_meaning(value) || is_digit(value.front())));
  if (is_plain) return value;
  return quoted(value);
}

// A line for each setting. A value with references is shown by them, because they may stand for
// secrets in places where these cannot be told from names.
std::string yaml_lines(std::span<const Setting> table, const GivenByKey& given,
                       const Values& values, std::size_t indent) {
  std::string text;
  for (const Setting& setting : table) {
    const Given* it = find_given(given, setting);
    const std::string printed = setting.print(values);
    const bool by_reference = it != nullptr && has_references(it->in_file);
    const std::string value =
        masked(setting, by_reference ? it->in_file : without_references(printed));
    const bool is_text = setting.shape == Shape::kText;
    const bool is_list = setting.shape == Shape::kHook && is_hook_list(value);
    std::string line = fmt::format("{}{}: {}", std::string(indent, ' '), name_in_stream(setting),
                                   is_list ? value : in_yaml(value, is_text));
    // A key that no file may hold.
    if (setting.flag_only) line = "# " + line;
    if (setting.flag_only && it == nullptr) continue;
    text += fmt::format("{:<48}  # {}\n", line, remark_on(setting, it, value));
  }
  return text;
}

bool has_any(std::span<const Setting> table, const GivenByKey& given) {
  return std::any_of(table.begin(), table.end(),
                     [&](const Setting& setting) { return given.contains(setting.key); });
}

std::string in_form_of_config_file(const Effective& effective) {
  std::string text =
      yaml_lines(server_settings(), effective.server, Values{effective.config.server, {}, {}}, 0);
  text += "streams:\n";
  for (std::size_t i = 0; i < effective.config.streams.size(); ++i) {
    const StreamSettings& stream = effective.config.streams[i];
    const std::string& place = effective.places[i];
    const std::string name = fmt::format("  {}:", in_yaml(stream.name, true));
    text += place.empty() ? name + '\n' : fmt::format("{:<48}  # {}\n", name, place);
    const GivenByKey& given = effective.streams[i];
    text += yaml_lines(stream_settings(), given, Values{{}, stream, {}}, 4);
    if (!has_any(hook_settings(), given)) continue;
    text += "    hooks:\n";
    text += yaml_lines(hook_settings(), given, Values{{}, stream, {}}, 6);
  }
  return text;
}

}  // namespace

std::string check_output(const Effective& effective) {
  const bool is_one = effective.config.streams.size() == 1 && !effective.has_file;
  std::string text = is_one ? in_form_of_env_file(effective) : in_form_of_config_file(effective);
  for (const std::string& notice : effective.config.notices) text += fmt::format("# {}\n", notice);
  return text;
}

}  // namespace livestream
