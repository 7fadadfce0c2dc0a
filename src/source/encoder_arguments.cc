#include "source/encoder_arguments.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "config/quality.h"

namespace livestream {
namespace {

using Arguments = std::vector<std::string>;

// For encoders that have no constant quality.
constexpr std::uint64_t kDefaultBitrateBps = 4'000'000;

// One second of buffer: a longer one lets a burst through that a viewer's line cannot take in time.
void append_cap(Arguments& arguments, const Config& config) {
  if (!config.video_maxrate_bps) return;
  const std::string rate = fmt::to_string(*config.video_maxrate_bps);
  arguments.insert(arguments.end(), {"-maxrate", rate, "-bufsize", rate});
}

Arguments with_bitrate(const Config& config) {
  Arguments arguments = {"-b:v",
                         fmt::to_string(config.video_maxrate_bps.value_or(kDefaultBitrateBps))};
  append_cap(arguments, config);
  return arguments;
}

// Some encoders know only the constrained form of the baseline profile.
std::string constrained(const std::string& profile) {
  return profile == "baseline" ? "constrained_baseline" : profile;
}

EncoderArguments x264(const Config& config) {
  Arguments output = {
      "-preset",    config.video_preset,  "-tune", "zerolatency",
      "-profile:v", config.video_profile, "-crf",  fmt::to_string(effective_crf(config))};
  append_cap(output, config);
  return {{}, "format=yuv420p", output};
}

EncoderArguments nvenc(const Config& config) {
  Arguments output = {"-preset",      "p1",
                      "-tune",        "ull",
                      "-profile:v",   config.video_profile,
                      "-rc",          "vbr",
                      "-cq",          fmt::to_string(effective_crf(config)),
                      "-b:v",         "0",
                      "-zerolatency", "1",
                      "-forced-idr",  "1",
                      "-no-scenecut", "1"};
  append_cap(output, config);
  return {{}, "format=yuv420p", output};
}

EncoderArguments vaapi(const Config& config) {
  Arguments output = {"-profile:v", constrained(config.video_profile)};
  if (config.video_maxrate_bps) {
    const Arguments rate = with_bitrate(config);
    output.insert(output.end(), rate.begin(), rate.end());
  } else {
    output.insert(output.end(), {"-qp", fmt::to_string(effective_crf(config))});
  }
  return {{"-vaapi_device", "/dev/dri/renderD128"}, "format=nv12,hwupload", output};
}

EncoderArguments qsv(const Config& config) {
  Arguments output = {"-preset",         "veryfast",
                      "-profile:v",      config.video_profile,
                      "-global_quality", fmt::to_string(effective_crf(config)),
                      "-async_depth",    "1",
                      "-look_ahead",     "0",
                      "-forced_idr",     "1"};
  append_cap(output, config);
  return {{}, "format=nv12", output};
}

EncoderArguments videotoolbox(const Config& config) {
  Arguments output = {"-profile:v", config.video_profile, "-realtime", "1", "-allow_sw", "1"};
  const Arguments rate = with_bitrate(config);
  output.insert(output.end(), rate.begin(), rate.end());
  return {{}, "format=yuv420p", output};
}

EncoderArguments openh264(const Config& config) {
  Arguments output = {"-profile:v", constrained(config.video_profile), "-allow_skip_frames", "0"};
  const Arguments rate = with_bitrate(config);
  output.insert(output.end(), rate.begin(), rate.end());
  return {{}, "format=yuv420p", output};
}

EncoderArguments bitrate_only(const Config& config) {
  return {{}, "format=yuv420p", with_bitrate(config)};
}

}  // namespace

EncoderArguments encoder_arguments(const Config& config) {
  if (config.video_codec == "libx264") return x264(config);
  if (config.video_codec == "h264_nvenc") return nvenc(config);
  if (config.video_codec == "h264_vaapi") return vaapi(config);
  if (config.video_codec == "h264_qsv") return qsv(config);
  if (config.video_codec == "h264_videotoolbox") return videotoolbox(config);
  if (config.video_codec == "libopenh264") return openh264(config);
  return bitrate_only(config);  // h264_v4l2m2m (Raspberry Pi) among them
}

void append_video_output(Arguments& arguments, const Config& config, const FfmpegInfo& ffmpeg,
                         const std::string& filter) {
  const EncoderArguments encoder = encoder_arguments(config);
  const std::string gop = fmt::to_string(gop_frames(config));
  arguments.insert(arguments.end(), {"-vf", filter + "," + encoder.pixel_filter});
  // The name of the same thing before 5.1.
  arguments.insert(arguments.end(), {ffmpeg.older_than(5, 1) ? "-vsync" : "-fps_mode", "cfr", "-r",
                                     rate_text(config.video_fps), "-c:v", config.video_codec});
  arguments.insert(arguments.end(), encoder.output.begin(), encoder.output.end());
  arguments.insert(arguments.end(),
                   {"-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-force_key_frames",
                    "expr:gte(t,n_forced*1)", "-flags", "+cgop", "-bf", "0"});
}

void append_audio_output(Arguments& arguments, const Config& config) {
  arguments.insert(arguments.end(),
                   {"-c:a", "aac", "-b:a", fmt::to_string(config.audio_bitrate_bps), "-ac", "2",
                    "-ar", "44100"});
}

void append_flv_output(Arguments& arguments, int descriptor) {
  arguments.insert(arguments.end(), {"-flush_packets", "1", "-f", "flv", "-flvflags",
                                     "no_duration_filesize", fmt::format("pipe:{}", descriptor)});
}

unsigned gop_frames(const Config& config) {
  return static_cast<unsigned>(std::max(1L, std::lround(config.video_fps.per_second())));
}

std::string rate_text(const FrameRate& rate) {
  if (rate.denominator == 1) return fmt::to_string(rate.numerator);
  return fmt::format("{}/{}", rate.numerator, rate.denominator);
}

}  // namespace livestream
