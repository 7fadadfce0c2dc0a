#include "doctor/encoder_checks.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "source/encoder_arguments.h"

namespace livestream {
namespace {

struct Known {
  const char* name;
  // The machine that it needs.
  const char* kind;
  const char* cure;
};

constexpr std::array kKnown = {
    Known{"libx264", "any processor",
          "install an ffmpeg with libx264 (Debian: apt install ffmpeg)"},
    Known{"h264_v4l2m2m", "Raspberry Pi and other boards",
          "it needs a device /dev/video1x that encodes, and the group video"},
    Known{"h264_vaapi", "Intel and AMD graphics",
          "it needs /dev/dri/renderD128, the group render and a driver (Debian: apt install "
          "intel-media-va-driver or mesa-va-drivers)"},
    Known{"h264_nvenc", "NVIDIA graphics", "it needs NVIDIA's own driver"},
    Known{"h264_qsv", "Intel graphics",
          "it needs /dev/dri/renderD128, the group render and Intel's media driver"},
    Known{"h264_videotoolbox", "macOS", "it needs a Mac"},
};

const Known* find_known(std::string_view name) {
  const auto* found = std::find_if(kKnown.begin(), kKnown.end(),
                                   [&](const Known& known) { return known.name == name; });
  return found == kKnown.end() ? nullptr : found;
}

std::vector<std::string> quiet(const std::string& ffmpeg) {
  return {ffmpeg, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info"};
}

// The first error is the cause, and those behind it follow from it.
std::string reason_of(const ToolResult& result) {
  if (!result.not_started.empty()) return result.not_started;
  if (result.timed_out) return "it does not come to an end";
  if (!result.errors.empty()) return result.errors.front();
  if (!result.succeeded()) return fmt::format("ffmpeg ended ({})", result.exit.describe());
  return "nothing came out of it";
}

}  // namespace

std::vector<std::string> encoders_to_try(const FfmpegInfo& info,
                                         const std::set<std::string>& wanted) {
  std::vector<std::string> names;
  for (const Known& known : kKnown) {
    if (info.encoders.contains(known.name)) names.emplace_back(known.name);
  }
  for (const std::string& name : wanted) {
    if (find_known(name) == nullptr && info.encoders.contains(name)) names.push_back(name);
  }
  return names;
}

std::vector<std::string> encoder_trial(const std::string& ffmpeg, const FfmpegInfo& info,
                                       const std::string& encoder) {
  EncodingSettings encoding;
  encoding.video_codec = encoder;
  std::vector<std::string> arguments = quiet(ffmpeg);
  const EncoderArguments own = encoder_arguments(encoding);
  arguments.insert(arguments.end(), own.global.begin(), own.global.end());
  arguments.insert(arguments.end(), {"-f", "lavfi", "-i", "testsrc=size=640x360:rate=30"});
  append_video_output(arguments, encoding, info, "null");
  arguments.insert(arguments.end(), {"-frames:v", "10"});
  append_flv_output(arguments, 1);
  return arguments;
}

std::vector<std::string> aac_trial(const std::string& ffmpeg) {
  std::vector<std::string> arguments = quiet(ffmpeg);
  arguments.insert(arguments.end(), {"-f", "lavfi", "-i", "sine=sample_rate=44100"});
  append_audio_output(arguments, EncodingSettings{});
  arguments.insert(arguments.end(), {"-frames:a", "15"});
  append_flv_output(arguments, 1);
  return arguments;
}

Check encoder_check(const std::string& encoder, const ToolResult& result, bool needed) {
  const Known* known = find_known(encoder);
  const std::string subject = fmt::format("encoder {}", encoder);
  if (result.succeeded() && !result.output.empty()) {
    return {Verdict::kOk, subject,
            known == nullptr ? "works" : fmt::format("works ({})", known->kind)};
  }
  const std::string reason = reason_of(result);
  if (!needed) {
    return {Verdict::kOk, subject,
            fmt::format("does not work on this machine, and no stream asks for it ({})", reason)};
  }
  const std::string cure = known == nullptr ? "use VIDEO_CODEC=libx264" : known->cure;
  return {Verdict::kFault, subject, fmt::format("does not work: {}; {}", reason, cure)};
}

Check ffmpeg_check(const std::string& ffmpeg, const ToolResult& result, FfmpegInfo& info) {
  if (!result.not_started.empty()) return {Verdict::kFault, "ffmpeg", result.not_started};
  const std::string path = find_program(ffmpeg).value_or(ffmpeg);
  if (result.timed_out) {
    return {Verdict::kFault, "ffmpeg",
            fmt::format("{} does not answer; set FFMPEG to the path of one that does", path)};
  }
  info = parse_ffmpeg_info(result.log + result.output);
  SourceSettings settings;
  settings.ffmpeg = ffmpeg;
  if (const Result<void> usable = check_usable(info, settings, EncodingSettings{}); !usable)
    return {Verdict::kFault, "ffmpeg", usable.error().message};
  const std::string version = info.major == 0
                                  ? "a build without a version number, taken for a current one"
                                  : fmt::format("version {}.{}", info.major, info.minor);
  return {Verdict::kOk, "ffmpeg", fmt::format("{}, {}", path, version)};
}

std::set<std::string> encoders_wanted(const std::vector<StreamSettings>& streams) {
  std::set<std::string> wanted = {"libx264"};
  for (const StreamSettings& stream : streams) {
    if (stream.encoding.video_codec != "copy") wanted.insert(stream.encoding.video_codec);
  }
  return wanted;
}

}  // namespace livestream
