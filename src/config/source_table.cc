#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "config/settings.h"
#include "config/store.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

constexpr std::array<std::string_view, 5> kRtspTransports = {"auto", "tcp", "udp", "multicast",
                                                             "http"};
constexpr std::array<std::string_view, 2> kSourceAddresses = {"safe", "any"};
static_assert(static_cast<std::size_t>(RtspTransport::kHttp) == kRtspTransports.size() - 1);
static_assert(static_cast<std::size_t>(SourceAddresses::kAny) == kSourceAddresses.size() - 1);

constexpr std::array<std::string_view, 1> kAutoWord = {"auto"};
constexpr std::array<std::string_view, 3> kVariantWords = {"auto", "highest", "lowest"};

constexpr std::string_view kTrack =
    "a number from 0 to 999, or a language such as eng, de or pt-BR";
constexpr std::string_view kDefaultTrack = "the source's default track, else its first one";

bool parse_timeout(std::string_view value, Values& values) {
  if (to_lower_case(value) == "auto") {
    values.stream.source.source_timeout.reset();
    return true;
  }
  const auto timeout = parse_seconds(value, std::chrono::seconds(1));
  if (timeout) values.stream.source.source_timeout = timeout;
  return timeout.has_value();
}

bool store_track(std::string_view value, std::optional<TrackWish>& wish) {
  wish = parse_track_wish(value);
  return wish.has_value();
}

std::string print_track(const std::optional<TrackWish>& wish) { return wish ? print(*wish) : ""; }

bool parse_audio(std::string_view value, Values& values) {
  if (to_lower_case(value) != "auto") return store_switch(value, values.stream.source.audio);
  values.stream.source.audio = true;
  return true;
}

constexpr std::array kSettings = {
    Setting{
        .key = "VIDEO_FILE",
        .placeholder = "SOURCE",
        .allowed = kOneLine,
        .help =
            "The source: a file, a device (/dev/video0, avfoundation:0), a URL (rtsp, http, srt, "
            "...), or `demo`. When it is not set and there is no video.mp4 here, it is `demo`.",
        .unset = "",
        .parse =
            [](std::string_view value, Values& values) {
              values.stream.source.video_file_is_default = false;
              return store_line(value, values.stream.source.video_file);
            },
        .print = [](const Values& values) { return values.stream.source.video_file; },
    },
    Setting{
        .key = "GROWING_FILE",
        .placeholder = "SWITCH",
        .allowed = kSwitch,
        .help = "The file is still being written: follow it as it grows, do not loop.",
        .unset = "",
        .shape = Shape::kSwitch,
        .parse =
            [](std::string_view value, Values& values) {
              return store_switch(value, values.stream.source.growing_file);
            },
        .print =
            [](const Values& values) { return fmt::to_string(values.stream.source.growing_file); },
    },
    Setting{
        .key = "AUDIO_DEVICE",
        .placeholder = "DEVICE",
        .allowed = kOneLine,
        .help = "Microphone beside a camera, as ffmpeg names it.",
        .unset = "no microphone",
        .parse =
            [](std::string_view value, Values& values) {
              return store_line(value, values.stream.source.audio_device);
            },
        .print = [](const Values& values) { return values.stream.source.audio_device; },
    },
    Setting{
        .key = "VIDEO_INPUT_SIZE",
        .placeholder = "WxH",
        .allowed = kSides,
        .help = "Picture size to ask of a camera.",
        .unset = "the camera's choice",
        .parse =
            [](std::string_view value, Values& values) {
              values.stream.source.video_input_size = parse_size(value);
              return values.stream.source.video_input_size.has_value();
            },
        .print =
            [](const Values& values) {
              return values.stream.source.video_input_size
                         ? print(*values.stream.source.video_input_size)
                         : "";
            },
    },
    Setting{
        .key = "VIDEO_INPUT_FORMAT",
        .placeholder = "NAME",
        .allowed = "the name of a format in a-z, 0-9 and _, such as mjpeg, h264 or yuyv422",
        .help = "Picture format to ask of a camera.",
        .unset = "the camera's choice",
        .parse =
            [](std::string_view value, Values& values) {
              values.stream.source.video_input_format = value;
              return is_lower_case_name(value, "_");
            },
        .print = [](const Values& values) { return values.stream.source.video_input_format; },
    },
    Setting{
        .key = "SOURCE_TIMEOUT",
        .placeholder = "SECONDS",
        .allowed = "a number of seconds from 1 to 3600, or auto",
        .help = "How long the source may send nothing before the server opens it again; auto "
                "chooses by the kind of source.",
        .unset = "",
        .shape = Shape::kNumber,
        .lowest = 1,
        .highest = 3600,
        .words = kAutoWord,
        .parse = parse_timeout,
        .print =
            [](const Values& values) {
              const auto& timeout = values.stream.source.source_timeout;
              return timeout ? print_seconds(*timeout) : "auto";
            },
    },
    Setting{
        .key = "RTSP_TRANSPORT",
        .placeholder = "NAME",
        .allowed = "auto, tcp, udp, multicast or http",
        .help = "How an RTSP camera sends: auto is tcp, then udp when the camera refuses tcp.",
        .unset = "",
        .shape = Shape::kWord,
        .words = kRtspTransports,
        .parse =
            [](std::string_view value, Values& values) {
              return store_word(kRtspTransports, value, values.stream.source.rtsp_transport);
            },
        .print =
            [](const Values& values) {
              return word_of(kRtspTransports, values.stream.source.rtsp_transport);
            },
    },
    Setting{
        .key = "VIDEO_TRACK",
        .placeholder = "TRACK",
        .allowed = kTrack,
        .help = "The video track of the source to show: a number from 0, or a language.",
        .unset = kDefaultTrack,
        .shape = Shape::kNumber,
        .lowest = 0,
        .highest = 999,
        .parse =
            [](std::string_view value, Values& values) {
              return store_track(value, values.stream.source.video_track);
            },
        .print = [](const Values& values) { return print_track(values.stream.source.video_track); },
    },
    Setting{
        .key = "AUDIO_TRACK",
        .placeholder = "TRACK",
        .allowed = kTrack,
        .help = "The audio track of the source to play: a number from 0, or a language.",
        .unset = kDefaultTrack,
        .shape = Shape::kNumber,
        .lowest = 0,
        .highest = 999,
        .parse =
            [](std::string_view value, Values& values) {
              return store_track(value, values.stream.source.audio_track);
            },
        .print = [](const Values& values) { return print_track(values.stream.source.audio_track); },
    },
    Setting{
        .key = "VIDEO_VARIANT",
        .placeholder = "CHOICE",
        .allowed = "auto, highest, lowest, a height such as 720p, a size such as 1280x720, or a "
                   "bitrate not to exceed, from 10k to 1000M, such as 2M",
        .help = "The variant of an HLS or DASH source to play: auto is the best one that fits "
                "VIDEO_RESOLUTION.",
        .unset = "",
        .words = kVariantWords,
        .parse =
            [](std::string_view value, Values& values) {
              const auto variant = parse_video_variant(value);
              if (variant) values.stream.source.video_variant = *variant;
              return variant.has_value();
            },
        .print = [](const Values& values) { return print(values.stream.source.video_variant); },
    },
    Setting{
        .key = "AUDIO",
        .placeholder = "SWITCH",
        .allowed = "auto, 1, true, yes or on, else 0, false, no or off",
        .help = "auto plays the source's sound when it has any; off leaves the sound out.",
        .unset = "",
        .shape = Shape::kSwitch,
        .words = kAutoWord,
        .parse = parse_audio,
        .print = [](const Values& values) -> std::string {
          return values.stream.source.audio ? "auto" : "off";
        },
    },
    Setting{
        .key = "SOURCE_ADDRESSES",
        .placeholder = "WHICH",
        .allowed = "safe or any",
        .help = "Where a playlist or redirect of a source on the Internet may lead: safe is not to "
                "private or loopback addresses.",
        .unset = "",
        .shape = Shape::kWord,
        .words = kSourceAddresses,
        .parse =
            [](std::string_view value, Values& values) {
              return store_word(kSourceAddresses, value, values.stream.source.source_addresses);
            },
        .print =
            [](const Values& values) {
              return word_of(kSourceAddresses, values.stream.source.source_addresses);
            },
    },
    Setting{
        .key = "FFMPEG",
        .placeholder = "PROGRAM",
        .allowed = kOneLine,
        .help = "The ffmpeg to run: a path, or a name to find in PATH.",
        .unset = "",
        .runs = true,
        .parse = [](std::string_view value,
                    Values& values) { return store_line(value, values.stream.source.ffmpeg); },
        .print = [](const Values& values) { return values.stream.source.ffmpeg; },
    },
    Setting{
        .key = "FFMPEG_MEMORY_MB",
        .placeholder = "N",
        .allowed = "a whole number of megabytes from 64 to 1000000, or 0 for no limit",
        .help = "Memory that ffmpeg may ask for; an ffmpeg that asks for more ends and is started "
                "again.",
        .unset = "",
        .shape = Shape::kWhole,
        .lowest = 0,
        .highest = 1'000'000,
        .parse =
            [](std::string_view value, Values& values) {
              return (value == "0" &&
                      store_whole(value, 0, 0, values.stream.source.ffmpeg_memory_mb)) ||
                     store_whole(value, 64, 1'000'000, values.stream.source.ffmpeg_memory_mb);
            },
        .print =
            [](const Values& values) {
              return fmt::to_string(values.stream.source.ffmpeg_memory_mb);
            },
    },
    Setting{
        .key = "SLATE",
        .placeholder = "SWITCH",
        .allowed = kSwitch,
        .help = "While the source is away, show its last picture, darkened, and play silence.",
        .unset = "",
        .shape = Shape::kSwitch,
        .parse = [](std::string_view value,
                    Values& values) { return store_switch(value, values.stream.source.slate); },
        .print = [](const Values& values) { return fmt::to_string(values.stream.source.slate); },
    },
};

}  // namespace

std::span<const Setting> source_settings() { return kSettings; }

}  // namespace livestream
