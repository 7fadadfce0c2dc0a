#include "config/command_line.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/mask.h"
#include "config/nearest_setting.h"
#include "config/settings.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

constexpr std::string_view kProgram = "livestream-server";
constexpr std::string_view kConfigFlag = "--config";

bool may_stand_alone(const Setting& setting) {
  return setting.key == "GROWING_FILE" || setting.key == "ON_DEMAND";
}

// Turns each flag into a flag and one value: `--flag=` must keep its empty value instead of taking
// the next argument, and some switches may stand alone.
std::vector<std::string> with_separate_values(const std::vector<std::string>& arguments) {
  std::vector<std::string> out;
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    if (*argument == "--") {
      out.insert(out.end(), argument, arguments.end());
      break;
    }
    const std::size_t equals = argument->find('=');
    const std::string name = argument->substr(0, equals);
    const auto table = settings();
    const auto setting = std::find_if(table.begin(), table.end(),
                                      [&](const Setting& s) { return s.flag() == name; });
    const bool is_setting = setting != table.end();
    out.push_back(is_setting || name == kConfigFlag ? name : *argument);
    if (!is_setting && name != kConfigFlag) continue;
    const auto next = std::next(argument);
    if (equals != std::string::npos) {
      out.push_back(argument->substr(equals + 1));
    } else if (is_setting && may_stand_alone(*setting) &&
               (next == arguments.end() || !parse_switch(*next))) {
      out.emplace_back("1");
    } else if (next != arguments.end()) {
      out.push_back(*next);
      ++argument;
    }
  }
  return out;
}

tl::unexpected<Error> fail_with_hint(std::string_view why) {
  return fail(fmt::format("{}; see {} --help", mask_credentials(why), kProgram));
}

tl::unexpected<Error> unknown_flag(std::string_view flag) {
  const auto meant =
      nearest_setting(flag.substr(std::min(flag.find_first_not_of('-'), flag.size())));
  if (!meant) return fail_with_hint(fmt::format("unknown flag {}", flag));
  return fail_with_hint(fmt::format("unknown flag {}: did you mean {}?", flag, flag_of(*meant)));
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out(indent, ' ');
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > indent && column + 1 + word.size() > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + '\n';
}

}  // namespace

Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_flag("-h,--help", line.help);
  app.add_flag("-v,--version", line.version);
  app.add_flag("--check", line.check);
  app.add_flag("--schema", line.schema);
  std::map<std::string_view, CLI::Option*> options;
  for (const Setting& setting : settings()) {
    options[setting.key] =
        app.add_option(setting.flag())->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  const CLI::Option* source = app.add_option("SOURCE");
  app.add_option(std::string(kConfigFlag), line.config_file)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);

  std::vector<std::string> reversed = with_separate_values(arguments);
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ArgumentMismatch&) {
    // Only the last flag can have nothing after it.
    return fail_with_hint(arguments.back() + " needs a value");
  } catch (const CLI::ParseError& error) {
    return fail_with_hint(error.what());
  }
  if (line.help || line.version || line.schema) return line;

  bool flags_have_ended = false;
  for (const std::string& extra : app.remaining()) {
    // CLI11 leaves this one among the others.
    if (extra == "--" && !std::exchange(flags_have_ended, true)) continue;
    if (extra.starts_with('-') && !flags_have_ended) {
      return unknown_flag(std::string_view(extra).substr(0, extra.find('=')));
    }
    line.sources.push_back(extra);
  }
  for (const auto& [key, option] : options) {
    if (option->count() == 0) continue;
    line.settings[key] = {"--" + option->get_lnames().front(), option->results().back()};
  }
  if (source->count() > 0) line.sources.insert(line.sources.begin(), source->results().back());
  if (!line.sources.empty() && line.settings.count("VIDEO_FILE") > 0)
    return fail_with_hint("give the source by itself or with --video-file, not both");
  if (line.sources.size() == 1) line.settings["VIDEO_FILE"] = {"VIDEO_FILE", line.sources.front()};
  return line;
}

std::string usage() {
  std::string text = fmt::format(
      "Usage: {0} [SOURCE...] [flags]\n"
      "       {0} doctor [--json] [SOURCE...] [flags]\n\n"
      "Turns video sources into live streams that any browser plays.\n\n"
      "  {0} clip.mp4\n"
      "  {0} rtsp://192.168.1.100:554/stream --video-quality 0.5\n"
      "  VIDEO_FILE=/dev/video0 PORT=8080 {0}\n"
      "  {0} --config cameras.yml\n\n"
      "Each flag can also be set in the environment or in a file `.env` in the working folder,\n"
      "by the name in brackets. A flag wins over the environment, the environment over `.env`.\n"
      "A file `livestream.yml` there describes several streams.\n\n"
      "`doctor` serves nothing: it tries ffmpeg, the encoders, devices and each source, and says\n"
      "what is wrong and how to cure it. A file of that name is `./doctor`.\n\n",
      kProgram);
  const Values defaults;
  for (const Setting& setting : settings()) {
    const std::string value = setting.print(defaults);
    text += fmt::format("  {} {}", setting.flag(), setting.placeholder);
    text += setting.flag_only ? "\n" : fmt::format("  [{}]\n", setting.key);
    text += wrapped(fmt::format("{} Default: {}.", setting.help,
                                value.empty() ? setting.unset : std::string_view(value)),
                    6, 100);
  }
  return text +
         "  --config FILE\n      The file of streams. Default: livestream.yml, if there is one.\n"
         "  --check\n      Check the configuration, print each value and where it comes from, and "
         "exit.\n"
         "  --schema\n      Print the JSON schema of livestream.yml, for editors, and exit.\n"
         "  -h, --help\n  -v, --version\n\n"
         "Exit codes: 0 done, 1 failed while running, 2 could not start, for example because of a "
         "wrong\nsetting.\n";
}

}  // namespace livestream
