#include <array>

#include <fmt/format.h>

#include "config/hook_settings.h"
#include "config/settings.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

constexpr std::string_view kHook =
    "an address that begins with http:// or https://, or a list of a program and its arguments, "
    "such as [/usr/local/bin/notify, away]";

template <Hook HookSettings::*kMember>
bool parse(std::string_view value, Values& values) {
  auto hook = parse_hook(value);
  if (hook) values.stream.hooks.*kMember = *std::move(hook);
  return hook.has_value();
}

template <Hook HookSettings::*kMember>
std::string print(const Values& values) {
  return print_hook(values.stream.hooks.*kMember);
}

template <Hook HookSettings::*kMember>
constexpr Setting entry(std::string_view key, std::string_view help) {
  return {.key = key,
          .placeholder = "ADDRESS",
          .allowed = kHook,
          .help = help,
          .unset = "nothing runs",
          .file_only = true,
          .shape = Shape::kHook,
          .parse = parse<kMember>,
          .print = print<kMember>};
}

bool parse_timeout(std::string_view value, Values& values) {
  const auto timeout = parse_seconds(value, std::chrono::seconds(1));
  values.stream.hooks.timeout = timeout.value_or(values.stream.hooks.timeout);
  return timeout.has_value();
}

// The keys below `hooks:`: the hooks of a stream by its events.
constexpr std::array kSettings = {
    entry<&HookSettings::source_up>("SOURCE_UP", "Runs when pictures of the source begin to come."),
    entry<&HookSettings::source_down>("SOURCE_DOWN",
                                      "Runs when pictures of the source no longer come."),
    entry<&HookSettings::first_viewer>("FIRST_VIEWER",
                                       "Runs when a stream without viewers gets one."),
    entry<&HookSettings::last_viewer>("LAST_VIEWER", "Runs when the last viewer has left."),
    Setting{
        .key = "TIMEOUT",
        .placeholder = "SECONDS",
        .allowed = "a number of seconds from 1 to 3600",
        .help = "How long a command or a request may take before it is ended.",
        .unset = "",
        .file_only = true,
        .shape = Shape::kNumber,
        .lowest = 1,
        .highest = 3600,
        .parse = parse_timeout,
        .print = [](const Values& values) { return print_seconds(values.stream.hooks.timeout); },
    },
};

}  // namespace

std::span<const Setting> hook_settings() { return kSettings; }

}  // namespace livestream
