#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "config/settings.h"
#include "config/store.h"
#include "config/value_forms.h"

namespace livestream {
namespace {

constexpr std::string_view kX264 = "libx264";
constexpr std::array<std::string_view, 10> kX264Presets = {
    "ultrafast", "superfast", "veryfast", "faster",   "fast",
    "medium",    "slow",      "slower",   "veryslow", "placebo"};
constexpr std::array<std::string_view, 2> kCodecWords = {"libx264", "copy"};
// The profiles that browsers decode; x264 has more (high10, high422, high444).
constexpr std::array<std::string_view, 3> kX264Profiles = {"baseline", "main", "high"};

constexpr std::array<std::string_view, 2> kAudioCodecs = {"auto", "aac"};

constexpr std::uint64_t kBillion = 1'000'000'000;

bool parse_quality(std::string_view value, Values& values) {
  const auto billionths = parse_billionths(value);
  if (!billionths || *billionths > kBillion) return false;
  values.stream.encoding.video_quality =
      static_cast<double>(*billionths) / static_cast<double>(kBillion);
  return true;
}

bool parse_crf(std::string_view value, Values& values) {
  if (!store_whole(value, 0, 51, values.stream.encoding.video_crf)) return false;
  if (values.stream.encoding.video_crf == 0) {
    values.stream.encoding.video_crf = 1;
    if (values.stream.encoding.video_quality) return true;
    values.notices.emplace_back(
        "VIDEO_CRF=0 became 1: 0 means lossless, which exists in no profile that browsers decode");
  }
  return true;
}

bool parse_resolution(std::string_view value, Values& values) {
  const auto size = parse_size(value);
  if (!size) return false;
  const VideoSize even = {size->width & ~1U, size->height & ~1U};
  if (even != *size && !values.stream.encoding.video_quality) {
    values.notices.push_back(
        fmt::format("VIDEO_RESOLUTION={} became {}: H.264 needs even numbers for browsers",
                    print(*size), print(even)));
  }
  values.stream.encoding.video_resolution = even;
  return true;
}

// Where the form of a setting depends on another one, the other one comes first.
constexpr std::array kSettings = {
    Setting{
        .key = "VIDEO_FPS",
        .placeholder = "RATE",
        .allowed = "a frame rate from 1 to 240, such as 30, 29.97 or 30000/1001",
        .help = "Output frames per second.",
        .unset = "",
        .shape = Shape::kNumber,
        .lowest = 1,
        .highest = 240,
        .parse =
            [](std::string_view value, Values& values) {
              const auto rate = parse_frame_rate(value);
              if (rate) values.stream.encoding.video_fps = *rate;
              return rate.has_value();
            },
        .print = [](const Values& values) { return print(values.stream.encoding.video_fps); },
    },
    Setting{
        .key = "VIDEO_QUALITY",
        .placeholder = "Q",
        .allowed = "a number from 0 (smallest) to 1 (best), such as 0.5",
        .help = "Size and compression in one knob; wins over VIDEO_CRF and VIDEO_RESOLUTION.",
        .unset = "VIDEO_CRF and VIDEO_RESOLUTION decide",
        .shape = Shape::kNumber,
        .lowest = 0,
        .highest = 1,
        .parse = parse_quality,
        .print =
            [](const Values& values) {
              return values.stream.encoding.video_quality
                         ? print_decimal(*values.stream.encoding.video_quality)
                         : "";
            },
    },
    Setting{
        .key = "VIDEO_CRF",
        .placeholder = "N",
        .allowed = "a whole number from 0 to 51",
        .help = "H.264 constant rate factor: 0 to 51, lower is better and larger.",
        .unset = "",
        .shape = Shape::kWhole,
        .lowest = 0,
        .highest = 51,
        .parse = parse_crf,
        .print =
            [](const Values& values) { return fmt::to_string(values.stream.encoding.video_crf); },
    },
    Setting{
        .key = "VIDEO_RESOLUTION",
        .placeholder = "WxH",
        .allowed = kSides,
        .help = "Output size; odd numbers are rounded down to even ones.",
        .unset = "the source's size",
        .parse = parse_resolution,
        .print =
            [](const Values& values) {
              return values.stream.encoding.video_resolution
                         ? print(*values.stream.encoding.video_resolution)
                         : "";
            },
    },
    Setting{
        .key = "VIDEO_MAXRATE",
        .placeholder = "BITRATE",
        .allowed = "a bitrate from 50k to 1000M, such as 4M",
        .help = "Cap on the video bitrate, which VIDEO_CRF alone does not bound.",
        .unset = "no cap",
        .shape = Shape::kNumber,
        .lowest = 50000,
        .highest = 1'000'000'000,
        .parse =
            [](std::string_view value, Values& values) {
              values.stream.encoding.video_maxrate_bps =
                  parse_bitrate(value, 50'000, 1'000'000'000);
              return values.stream.encoding.video_maxrate_bps.has_value();
            },
        .print =
            [](const Values& values) {
              return values.stream.encoding.video_maxrate_bps
                         ? print_bitrate(*values.stream.encoding.video_maxrate_bps)
                         : "";
            },
    },
    Setting{
        .key = "VIDEO_CODEC",
        .placeholder = "NAME",
        .allowed = "copy, or the name of an H.264 encoder of ffmpeg: letters, digits and _",
        .help = "Encoder, such as libx264 or h264_vaapi; `copy` passes H.264 through untouched.",
        .unset = "",
        .words = kCodecWords,
        .parse =
            [](std::string_view value, Values& values) {
              values.stream.encoding.video_codec = value;
              return is_lower_case_name(to_lower_case(value), "_");
            },
        .print = [](const Values& values) { return values.stream.encoding.video_codec; },
    },
    Setting{
        .key = "VIDEO_PRESET",
        .placeholder = "NAME",
        .allowed =
            "ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow or "
            "placebo (for another VIDEO_CODEC than libx264: a-z, 0-9, _ and -)",
        .help = "The encoder's trade of speed for size.",
        .unset = "",
        .words = kX264Presets,
        .parse =
            [](std::string_view value, Values& values) {
              values.stream.encoding.video_preset = value;
              return values.stream.encoding.video_codec == kX264
                         ? index_in(kX264Presets, value).has_value()
                         : is_lower_case_name(value, "_-");
            },
        .print = [](const Values& values) { return values.stream.encoding.video_preset; },
    },
    Setting{
        .key = "VIDEO_PROFILE",
        .placeholder = "NAME",
        .allowed =
            "baseline, main or high (for another VIDEO_CODEC than libx264: a-z, 0-9, _ and -)",
        .help = "H.264 profile: baseline plays everywhere, high is smaller.",
        .unset = "",
        .words = kX264Profiles,
        .parse =
            [](std::string_view value, Values& values) {
              values.stream.encoding.video_profile = value;
              return values.stream.encoding.video_codec == kX264
                         ? index_in(kX264Profiles, value).has_value()
                         : is_lower_case_name(value, "_-");
            },
        .print = [](const Values& values) { return values.stream.encoding.video_profile; },
    },
    Setting{
        .key = "AUDIO_CODEC",
        .placeholder = "NAME",
        .allowed = "auto or aac",
        .help = "auto passes AAC-LC of one or two channels through untouched; aac encodes it anew.",
        .unset = "",
        .shape = Shape::kWord,
        .words = kAudioCodecs,
        .parse =
            [](std::string_view value, Values& values) {
              return store_word(kAudioCodecs, value, values.stream.encoding.audio_codec);
            },
        .print =
            [](const Values& values) {
              return word_of(kAudioCodecs, values.stream.encoding.audio_codec);
            },
    },
    Setting{
        .key = "AUDIO_BITRATE",
        .placeholder = "BITRATE",
        .allowed = "a bitrate from 8k to 512k, such as 128k",
        .help = "Bitrate of the sound; where it is set, the sound is always encoded.",
        .unset = "128k where sound is encoded",
        .shape = Shape::kNumber,
        .lowest = 8000,
        .highest = 512'000,
        .parse =
            [](std::string_view value, Values& values) {
              const auto bitrate_bps = parse_bitrate(value, 8'000, 512'000);
              if (bitrate_bps)
                values.stream.encoding.audio_bitrate_bps = static_cast<std::uint32_t>(*bitrate_bps);
              return bitrate_bps.has_value();
            },
        .print =
            [](const Values& values) {
              const auto& bitrate_bps = values.stream.encoding.audio_bitrate_bps;
              return bitrate_bps ? print_bitrate(*bitrate_bps) : "";
            },
    },
};

}  // namespace

std::span<const Setting> encoding_settings() { return kSettings; }

}  // namespace livestream
