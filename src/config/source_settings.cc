#include "config/source_settings.h"

#include <array>

#include <fmt/format.h>

#include "config/config.h"
#include "config/settings.h"
#include "config/store.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

constexpr std::array kSettings = {
    Setting{
        .key = "VIDEO_FILE",
        .placeholder = "SOURCE",
        .allowed = kOneLine,
        .help = "What to show: a file, a device (/dev/video0, avfoundation:0), a URL (rtsp, http, "
                "srt, ...), or `demo`. Without one, and without a video.mp4 here, it is `demo`.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              config.source.video_file_is_default = false;
              return store_line(value, config.source.video_file);
            },
        .print = [](const Config& config) { return config.source.video_file; },
    },
    Setting{
        .key = "GROWING_FILE",
        .placeholder = "SWITCH",
        .allowed = kSwitch,
        .help = "The file is still being written: follow it as it grows, do not loop.",
        .unset = "",
        .parse = [](std::string_view value,
                    Config& config) { return store_switch(value, config.source.growing_file); },
        .print = [](const Config& config) { return fmt::to_string(config.source.growing_file); },
    },
    Setting{
        .key = "AUDIO_DEVICE",
        .placeholder = "DEVICE",
        .allowed = kOneLine,
        .help = "Microphone beside a camera, as ffmpeg names it.",
        .unset = "no microphone",
        .parse = [](std::string_view value,
                    Config& config) { return store_line(value, config.source.audio_device); },
        .print = [](const Config& config) { return config.source.audio_device; },
    },
    Setting{
        .key = "VIDEO_INPUT_SIZE",
        .placeholder = "WxH",
        .allowed = kSides,
        .help = "Picture size to ask of a camera.",
        .unset = "the camera's choice",
        .parse =
            [](std::string_view value, Config& config) {
              config.source.video_input_size = parse_size(value);
              return config.source.video_input_size.has_value();
            },
        .print =
            [](const Config& config) {
              return config.source.video_input_size ? print(*config.source.video_input_size) : "";
            },
    },
    Setting{
        .key = "VIDEO_INPUT_FORMAT",
        .placeholder = "NAME",
        .allowed = "a format's name in a-z, 0-9 and _, such as mjpeg, h264 or yuyv422",
        .help = "Picture format to ask of a camera.",
        .unset = "the camera's choice",
        .parse =
            [](std::string_view value, Config& config) {
              config.source.video_input_format = value;
              return is_lower_case_name(value, "_");
            },
        .print = [](const Config& config) { return config.source.video_input_format; },
    },
    Setting{
        .key = "FFMPEG",
        .placeholder = "PROGRAM",
        .allowed = kOneLine,
        .help = "The ffmpeg to run: a path, or a name to find in PATH.",
        .unset = "",
        .parse = [](std::string_view value,
                    Config& config) { return store_line(value, config.source.ffmpeg); },
        .print = [](const Config& config) { return config.source.ffmpeg; },
    },
    Setting{
        .key = "FFMPEG_MEMORY_MB",
        .placeholder = "N",
        .allowed = "a whole number of megabytes from 64 to 1000000, or 0 for no limit",
        .help = "Memory that ffmpeg may ask for; wanting more ends it, and it is started again.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              return (value == "0" && store_whole(value, 0, 0, config.source.ffmpeg_memory_mb)) ||
                     store_whole(value, 64, 1'000'000, config.source.ffmpeg_memory_mb);
            },
        .print =
            [](const Config& config) { return fmt::to_string(config.source.ffmpeg_memory_mb); },
    },
    Setting{
        .key = "SLATE",
        .placeholder = "SWITCH",
        .allowed = kSwitch,
        .help = "While the source is away, show its last picture, darkened, and play silence.",
        .unset = "",
        .parse = [](std::string_view value,
                    Config& config) { return store_switch(value, config.source.slate); },
        .print = [](const Config& config) { return fmt::to_string(config.source.slate); },
    },
};

}  // namespace

std::span<const Setting> source_settings() { return kSettings; }

}  // namespace livestream
