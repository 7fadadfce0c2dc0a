#include <array>

#include <fmt/format.h>

#include "config/settings.h"
#include "config/store.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

bool parse_linger(std::string_view value, Values& values) {
  const auto linger = parse_seconds(value, std::chrono::seconds(0));
  values.stream.linger = linger.value_or(values.stream.linger);
  return linger.has_value();
}

// A stream as its viewers meet it.
constexpr std::array kSettings = {
    Setting{
        .key = "TITLE",
        .placeholder = "NAME",
        .allowed = kOneLine,
        .help = "Name of the camera, on the page, in the tab and in the player. Where there are "
                "several streams, the default is the stream's name.",
        .unset = "",
        .parse = [](std::string_view value,
                    Values& values) { return store_line(value, values.stream.title); },
        .print = [](const Values& values) { return values.stream.title; },
    },
    Setting{
        .key = "ON_DEMAND",
        .placeholder = "SWITCH",
        .allowed = kSwitch,
        .help = "Open the source only while there are viewers.",
        .unset = "",
        .shape = Shape::kSwitch,
        .parse = [](std::string_view value,
                    Values& values) { return store_switch(value, values.stream.on_demand); },
        .print = [](const Values& values) { return fmt::to_string(values.stream.on_demand); },
    },
    Setting{
        .key = "LINGER",
        .placeholder = "SECONDS",
        .allowed = "a number of seconds from 0 to 3600",
        .help = "With ON_DEMAND: how long the source stays open after its last viewer.",
        .unset = "",
        .shape = Shape::kNumber,
        .lowest = 0,
        .highest = 3600,
        .parse = parse_linger,
        .print = [](const Values& values) { return print_seconds(values.stream.linger); },
    },
    Setting{
        .key = "ENABLED",
        .placeholder = "SWITCH",
        .allowed = kSwitch,
        .help = "Off: the stream stays in the file, and is not served.",
        .unset = "",
        .file_only = true,
        .shape = Shape::kSwitch,
        .parse = [](std::string_view value,
                    Values& values) { return store_switch(value, values.stream.enabled); },
        .print = [](const Values& values) { return fmt::to_string(values.stream.enabled); },
    },
};

}  // namespace

std::span<const Setting> presentation_settings() { return kSettings; }

}  // namespace livestream
