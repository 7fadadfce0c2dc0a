#include "config/settings.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/access_settings.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

constexpr std::string_view kX264 = "libx264";
constexpr std::array<std::string_view, 10> kX264Presets = {
    "ultrafast", "superfast", "veryfast", "faster",   "fast",
    "medium",    "slow",      "slower",   "veryslow", "placebo"};
// What browsers decode; x264 has more (high10, high422, high444).
constexpr std::array<std::string_view, 3> kX264Profiles = {"baseline", "main", "high"};
constexpr std::array<std::string_view, 4> kLogLevels = {"error", "warn", "info", "debug"};
constexpr std::array<std::string_view, 2> kLogFormats = {"text", "json"};

constexpr std::uint64_t kBillion = 1'000'000'000;

template <std::size_t N>
std::optional<std::size_t> index_in(const std::array<std::string_view, N>& words,
                                    std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

bool store_line(std::string_view value, std::string& member) {
  if (!is_one_line(value)) return false;
  member = value;
  return true;
}

template <typename T>
bool store_whole(std::string_view value, std::uint64_t lowest, std::uint64_t highest, T& member) {
  const auto number = parse_whole(value, lowest, highest);
  if (number) member = static_cast<T>(*number);
  return number.has_value();
}

bool parse_quality(std::string_view value, Config& config) {
  const auto billionths = parse_billionths(value);
  if (!billionths || *billionths > kBillion) return false;
  config.video_quality = static_cast<double>(*billionths) / static_cast<double>(kBillion);
  return true;
}

bool parse_crf(std::string_view value, Config& config) {
  if (!store_whole(value, 0, 51, config.video_crf)) return false;
  if (config.video_crf == 0) {
    config.video_crf = 1;
    if (config.video_quality) return true;
    config.notices.emplace_back(
        "VIDEO_CRF=0 became 1: 0 means lossless, which exists in no profile that browsers decode");
  }
  return true;
}

bool parse_resolution(std::string_view value, Config& config) {
  const auto size = parse_size(value);
  if (!size) return false;
  const VideoSize even = {size->width & ~1U, size->height & ~1U};
  if (even != *size && !config.video_quality) {
    config.notices.push_back(
        fmt::format("VIDEO_RESOLUTION={} became {}: H.264 needs even numbers for browsers",
                    print(*size), print(even)));
  }
  config.video_resolution = even;
  return true;
}

bool parse_host(std::string_view value, Config& config) {
  if (value.size() > 2 && value.front() == '[' && value.back() == ']') {
    value = value.substr(1, value.size() - 2);
    if (value.find(':') == std::string_view::npos) return false;
  }
  if (!is_host(value)) return false;
  config.host = value;
  return true;
}

constexpr std::string_view kOneLine = "one line of text";
constexpr std::string_view kSides = "WIDTHxHEIGHT, such as 1280x720, each 2 to 16384";

// Where one setting's form depends on another, the other comes first.
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
              config.video_file_is_default = false;
              return store_line(value, config.video_file);
            },
        .print = [](const Config& config) { return config.video_file; },
    },
    Setting{
        .key = "GROWING_FILE",
        .placeholder = "SWITCH",
        .allowed = "1, true, yes or on, else 0, false, no or off",
        .help = "The file is still being written: follow it as it grows, do not loop.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              const auto on = parse_switch(value);
              config.growing_file = on.value_or(false);
              return on.has_value();
            },
        .print = [](const Config& config) { return fmt::to_string(config.growing_file); },
    },
    Setting{
        .key = "VIDEO_FPS",
        .placeholder = "RATE",
        .allowed = "a frame rate from 1 to 240, such as 30, 29.97 or 30000/1001",
        .help = "Output frames a second.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              const auto rate = parse_frame_rate(value);
              if (rate) config.video_fps = *rate;
              return rate.has_value();
            },
        .print = [](const Config& config) { return print(config.video_fps); },
    },
    Setting{
        .key = "VIDEO_QUALITY",
        .placeholder = "Q",
        .allowed = "a number from 0 (smallest) to 1 (best), such as 0.5",
        .help = "Size and compression in one knob; wins over VIDEO_CRF and VIDEO_RESOLUTION.",
        .unset = "VIDEO_CRF and VIDEO_RESOLUTION decide",
        .parse = parse_quality,
        .print =
            [](const Config& config) {
              return config.video_quality ? print_decimal(*config.video_quality) : "";
            },
    },
    Setting{
        .key = "VIDEO_CRF",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 51",
        .help = "H.264 constant rate factor: 0 to 51, lower is better and larger.",
        .unset = "",
        .parse = parse_crf,
        .print = [](const Config& config) { return fmt::to_string(config.video_crf); },
    },
    Setting{
        .key = "VIDEO_RESOLUTION",
        .placeholder = "WxH",
        .allowed = kSides,
        .help = "Output size; odd numbers are rounded down to even ones.",
        .unset = "the source's size",
        .parse = parse_resolution,
        .print =
            [](const Config& config) {
              return config.video_resolution ? print(*config.video_resolution) : "";
            },
    },
    Setting{
        .key = "VIDEO_MAXRATE",
        .placeholder = "BITRATE",
        .allowed = "a bitrate from 50k to 1000M, such as 4M",
        .help = "Cap on the video bitrate, which VIDEO_CRF alone does not bound.",
        .unset = "no cap",
        .parse =
            [](std::string_view value, Config& config) {
              config.video_maxrate_bps = parse_bitrate(value, 50'000, 1'000'000'000);
              return config.video_maxrate_bps.has_value();
            },
        .print =
            [](const Config& config) {
              return config.video_maxrate_bps ? print_bitrate(*config.video_maxrate_bps) : "";
            },
    },
    Setting{
        .key = "VIDEO_CODEC",
        .placeholder = "NAME",
        .allowed = "copy, or the name of an H.264 encoder of ffmpeg's: letters, digits and _",
        .help = "Encoder, such as libx264 or h264_vaapi; `copy` passes H.264 through untouched.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              config.video_codec = value;
              return is_lower_case_name(to_lower_case(value), "_");
            },
        .print = [](const Config& config) { return config.video_codec; },
    },
    Setting{
        .key = "VIDEO_PRESET",
        .placeholder = "NAME",
        .allowed =
            "ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow or "
            "placebo (for another VIDEO_CODEC than libx264: a-z, 0-9, _ and -)",
        .help = "The encoder's trade of speed for size.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              config.video_preset = value;
              return config.video_codec == kX264 ? index_in(kX264Presets, value).has_value()
                                                 : is_lower_case_name(value, "_-");
            },
        .print = [](const Config& config) { return config.video_preset; },
    },
    Setting{
        .key = "VIDEO_PROFILE",
        .placeholder = "NAME",
        .allowed =
            "baseline, main or high (for another VIDEO_CODEC than libx264: a-z, 0-9, _ and -)",
        .help = "H.264 profile: baseline plays everywhere, high is smaller.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              config.video_profile = value;
              return config.video_codec == kX264 ? index_in(kX264Profiles, value).has_value()
                                                 : is_lower_case_name(value, "_-");
            },
        .print = [](const Config& config) { return config.video_profile; },
    },
    Setting{
        .key = "AUDIO_BITRATE",
        .placeholder = "BITRATE",
        .allowed = "a bitrate from 8k to 512k, such as 128k",
        .help = "AAC bitrate.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              const auto bitrate_bps = parse_bitrate(value, 8'000, 512'000);
              if (bitrate_bps) config.audio_bitrate_bps = static_cast<std::uint32_t>(*bitrate_bps);
              return bitrate_bps.has_value();
            },
        .print = [](const Config& config) { return print_bitrate(config.audio_bitrate_bps); },
    },
    Setting{
        .key = "AUDIO_DEVICE",
        .placeholder = "DEVICE",
        .allowed = kOneLine,
        .help = "Microphone beside a camera, as ffmpeg names it.",
        .unset = "no microphone",
        .parse = [](std::string_view value,
                    Config& config) { return store_line(value, config.audio_device); },
        .print = [](const Config& config) { return config.audio_device; },
    },
    Setting{
        .key = "VIDEO_INPUT_SIZE",
        .placeholder = "WxH",
        .allowed = kSides,
        .help = "Picture size to ask of a camera.",
        .unset = "the camera's choice",
        .parse =
            [](std::string_view value, Config& config) {
              config.video_input_size = parse_size(value);
              return config.video_input_size.has_value();
            },
        .print =
            [](const Config& config) {
              return config.video_input_size ? print(*config.video_input_size) : "";
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
              config.video_input_format = value;
              return is_lower_case_name(value, "_");
            },
        .print = [](const Config& config) { return config.video_input_format; },
    },
    Setting{
        .key = "FFMPEG",
        .placeholder = "PROGRAM",
        .allowed = kOneLine,
        .help = "The ffmpeg to run: a path, or a name to find in PATH.",
        .unset = "",
        .parse = [](std::string_view value,
                    Config& config) { return store_line(value, config.ffmpeg); },
        .print = [](const Config& config) { return config.ffmpeg; },
    },
    Setting{
        .key = "FFMPEG_MEMORY_MB",
        .placeholder = "N",
        .allowed = "a whole number of megabytes from 64 to 1000000, or 0 for no limit",
        .help = "Memory that ffmpeg may ask for; wanting more ends it, and it is started again.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              return (value == "0" && store_whole(value, 0, 0, config.ffmpeg_memory_mb)) ||
                     store_whole(value, 64, 1'000'000, config.ffmpeg_memory_mb);
            },
        .print = [](const Config& config) { return fmt::to_string(config.ffmpeg_memory_mb); },
    },
    Setting{
        .key = "SLATE",
        .placeholder = "SWITCH",
        .allowed = "1, true, yes or on, else 0, false, no or off",
        .help = "While the source is away, show its last picture, darkened, and play silence.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              const auto on = parse_switch(value);
              config.slate = on.value_or(true);
              return on.has_value();
            },
        .print = [](const Config& config) { return fmt::to_string(config.slate); },
    },
    Setting{
        .key = "HOST",
        .placeholder = "ADDRESS",
        .allowed = "an IPv4 or IPv6 address or a host name, such as 0.0.0.0, :: or localhost",
        .help = "Address to listen on.",
        .unset = "",
        .parse = parse_host,
        .print = [](const Config& config) { return config.host; },
    },
    Setting{
        .key = "PORT",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 65535 (0 picks a free port)",
        .help = "Port to listen on; 0 picks a free one.",
        .unset = "",
        .parse = [](std::string_view value,
                    Config& config) { return store_whole(value, 0, 65535, config.port); },
        .print = [](const Config& config) { return fmt::to_string(config.port); },
    },
    Setting{
        .key = "MAX_CLIENTS",
        .placeholder = "N",
        .allowed = "a whole number from 1 to 1000000",
        .help = "Viewers at a time; more get 503.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              return store_whole(value, 1, 1'000'000, config.max_clients);
            },
        .print = [](const Config& config) { return fmt::to_string(config.max_clients); },
    },
    Setting{
        .key = "MAX_CONNECTIONS_PER_ADDRESS",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 1000000",
        .help = "Connections of one client address at a time; 0 for no limit.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              return store_whole(value, 0, 1'000'000, config.max_connections_per_address);
            },
        .print =
            [](const Config& config) { return fmt::to_string(config.max_connections_per_address); },
    },
    Setting{
        .key = "MAX_REQUESTS_PER_SECOND",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 1000000",
        .help = "Requests of one client address per second; more get 429; 0 for no limit.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              return store_whole(value, 0, 1'000'000, config.max_requests_per_second);
            },
        .print =
            [](const Config& config) { return fmt::to_string(config.max_requests_per_second); },
    },
    Setting{
        .key = "TRUSTED_PROXIES",
        .placeholder = "LIST",
        .allowed = "addresses or networks such as 10.0.0.0/8 with commas between them, or none",
        .help = "Whose X-Forwarded-For is believed, and to whom no limit per address applies.",
        .unset = "",
        .parse = parse_trusted_proxies,
        .print = print_trusted_proxies,
    },
    Setting{
        .key = "CORS_ORIGIN",
        .placeholder = "LIST",
        .allowed = "*, origins such as https://example.org with commas between them, or none",
        .help = "Pages of which other origins may read, embed and open WebSockets.",
        .unset = "",
        .parse = parse_cors_origin,
        .print = print_cors_origin,
    },
    Setting{
        .key = "DELIVERY_INTERVAL_MS",
        .placeholder = "N",
        .allowed = "a whole number of milliseconds from 0 to 1000",
        .help = "Pace of the writes to viewers: longer costs delay and saves processor time.",
        .unset = "once per video frame",
        .parse =
            [](std::string_view value, Config& config) {
              const auto interval_ms = parse_whole(value, 0, 1000);
              if (interval_ms) config.delivery_interval = std::chrono::milliseconds(*interval_ms);
              return interval_ms.has_value();
            },
        .print =
            [](const Config& config) {
              return config.delivery_interval ? fmt::to_string(config.delivery_interval->count())
                                              : "";
            },
    },
    Setting{
        .key = "WORKERS",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 256 (0 means one per processor core)",
        .help = "Threads that serve viewers; 0 is one per processor core.",
        .unset = "",
        .parse = [](std::string_view value,
                    Config& config) { return store_whole(value, 0, 256, config.workers); },
        .print = [](const Config& config) { return fmt::to_string(config.workers); },
    },
    Setting{
        .key = "LOG_LEVEL",
        .placeholder = "LEVEL",
        .allowed = "error, warn, info or debug",
        .help = "How much to log on standard error: error, warn, info or debug.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              const auto index = index_in(kLogLevels, to_lower_case(value));
              if (index) config.log_level = static_cast<LogLevel>(*index);
              return index.has_value();
            },
        .print =
            [](const Config& config) {
              return std::string(kLogLevels.at(static_cast<std::size_t>(config.log_level)));
            },
    },
    Setting{
        .key = "LOG_FORMAT",
        .placeholder = "FORMAT",
        .allowed = "text or json",
        .help = "text, or json: one object to a line.",
        .unset = "",
        .parse =
            [](std::string_view value, Config& config) {
              const auto index = index_in(kLogFormats, to_lower_case(value));
              if (index) config.log_format = static_cast<LogFormat>(*index);
              return index.has_value();
            },
        .print =
            [](const Config& config) {
              return std::string(kLogFormats.at(static_cast<std::size_t>(config.log_format)));
            },
    },
    Setting{
        .key = "WEB_ROOT",
        .placeholder = "FOLDER",
        .allowed = kOneLine,
        .help = "Serve the player from this folder (to work on the player).",
        .unset = "the player inside the program",
        .flag_only = true,
        .parse = [](std::string_view value,
                    Config& config) { return store_line(value, config.web_root); },
        .print = [](const Config& config) { return config.web_root; },
    },
};

static_assert(static_cast<std::size_t>(LogLevel::kError) == 0 &&
              static_cast<std::size_t>(LogLevel::kDebug) == kLogLevels.size() - 1);
static_assert(static_cast<std::size_t>(LogFormat::kText) == 0 &&
              static_cast<std::size_t>(LogFormat::kJson) == kLogFormats.size() - 1);

}  // namespace

std::string Setting::flag() const {
  std::string flag = "--" + to_lower_case(key);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::span<const Setting> settings() { return kSettings; }

std::vector<std::string> setting_keys() {
  std::vector<std::string> keys;
  for (const Setting& setting : kSettings) {
    if (!setting.flag_only) keys.emplace_back(setting.key);
  }
  return keys;
}

}  // namespace livestream
