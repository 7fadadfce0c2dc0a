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

// One second of buffer, because a longer one lets bursts through that are too much for the line of
// a viewer.
void append_cap(Arguments& arguments, const EncodingSettings& encoding) {
  if (!encoding.video_maxrate_bps) return;
  const std::string rate = fmt::to_string(*encoding.video_maxrate_bps);
  arguments.insert(arguments.end(), {"-maxrate", rate, "-bufsize", rate});
}

Arguments with_bitrate(const EncodingSettings& encoding) {
  Arguments arguments = {"-b:v",
                         fmt::to_string(encoding.video_maxrate_bps.value_or(kDefaultBitrateBps))};
  append_cap(arguments, encoding);
  return arguments;
}

// Some encoders know only the constrained form of the baseline profile.
std::string constrained(const std::string& profile) {
  return profile == "baseline" ? "constrained_baseline" : profile;
}

EncoderArguments x264(const EncodingSettings& encoding) {
  Arguments output = {
      "-preset",    encoding.video_preset,  "-tune", "zerolatency",
      "-profile:v", encoding.video_profile, "-crf",  fmt::to_string(effective_crf(encoding))};
  append_cap(output, encoding);
  return {{}, "format=yuv420p", output};
}

EncoderArguments nvenc(const EncodingSettings& encoding) {
  Arguments output = {"-preset",      "p1",
                      "-tune",        "ull",
                      "-profile:v",   encoding.video_profile,
                      "-rc",          "vbr",
                      "-cq",          fmt::to_string(effective_crf(encoding)),
                      "-b:v",         "0",
                      "-zerolatency", "1",
                      "-forced-idr",  "1",
                      "-no-scenecut", "1"};
  append_cap(output, encoding);
  return {{}, "format=yuv420p", output};
}

EncoderArguments vaapi(const EncodingSettings& encoding) {
  Arguments output = {"-profile:v", constrained(encoding.video_profile)};
  if (encoding.video_maxrate_bps) {
    const Arguments rate = with_bitrate(encoding);
    output.insert(output.end(), rate.begin(), rate.end());
  } else {
    output.insert(output.end(), {"-qp", fmt::to_string(effective_crf(encoding))});
  }
  return {{"-vaapi_device", "/dev/dri/renderD128"}, "format=nv12,hwupload", output};
}

EncoderArguments qsv(const EncodingSettings& encoding) {
  Arguments output = {"-preset",         "veryfast",
                      "-profile:v",      encoding.video_profile,
                      "-global_quality", fmt::to_string(effective_crf(encoding)),
                      "-async_depth",    "1",
                      "-look_ahead",     "0",
                      "-forced_idr",     "1"};
  append_cap(output, encoding);
  return {{}, "format=nv12", output};
}

EncoderArguments videotoolbox(const EncodingSettings& encoding) {
  Arguments output = {"-profile:v", encoding.video_profile, "-realtime", "1", "-allow_sw", "1"};
  const Arguments rate = with_bitrate(encoding);
  output.insert(output.end(), rate.begin(), rate.end());
  return {{}, "format=yuv420p", output};
}

EncoderArguments openh264(const EncodingSettings& encoding) {
  Arguments output = {"-profile:v", constrained(encoding.video_profile), "-allow_skip_frames", "0"};
  const Arguments rate = with_bitrate(encoding);
  output.insert(output.end(), rate.begin(), rate.end());
  return {{}, "format=yuv420p", output};
}

EncoderArguments bitrate_only(const EncodingSettings& encoding) {
  return {{}, "format=yuv420p", with_bitrate(encoding)};
}

}  // namespace

EncoderArguments encoder_arguments(const EncodingSettings& encoding) {
  if (encoding.video_codec == "libx264") return x264(encoding);
  if (encoding.video_codec == "h264_nvenc") return nvenc(encoding);
  if (encoding.video_codec == "h264_vaapi") return vaapi(encoding);
  if (encoding.video_codec == "h264_qsv") return qsv(encoding);
  if (encoding.video_codec == "h264_videotoolbox") return videotoolbox(encoding);
  if (encoding.video_codec == "libopenh264") return openh264(encoding);
  return bitrate_only(encoding);  // h264_v4l2m2m (Raspberry Pi) among them
}

void append_video_output(Arguments& arguments, const EncodingSettings& encoding,
                         const FfmpegInfo& ffmpeg, const std::string& filter) {
  const EncoderArguments encoder = encoder_arguments(encoding);
  const std::string gop = fmt::to_string(gop_frames(encoding));
  arguments.insert(arguments.end(), {"-vf", filter + "," + encoder.pixel_filter});
  // The option has another name before 5.1.
  arguments.insert(arguments.end(), {ffmpeg.older_than(5, 1) ? "-vsync" : "-fps_mode", "cfr", "-r",
                                     rate_text(encoding.video_fps), "-c:v", encoding.video_codec});
  arguments.insert(arguments.end(), encoder.output.begin(), encoder.output.end());
  arguments.insert(arguments.end(),
                   {"-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-force_key_frames",
                    "expr:gte(t,n_forced*1)", "-flags", "+cgop", "-bf", "0"});
}

void append_audio_output(Arguments& arguments, const EncodingSettings& encoding) {
  arguments.insert(arguments.end(),
                   {"-c:a", "aac", "-b:a",
                    fmt::to_string(encoding.audio_bitrate_bps.value_or(kDefaultAudioBitrateBps)),
                    "-ac", "2", "-ar", "44100"});
}

void append_flv_output(Arguments& arguments, int descriptor) {
  arguments.insert(arguments.end(), {"-flush_packets", "1", "-f", "flv", "-flvflags",
                                     "no_duration_filesize", fmt::format("pipe:{}", descriptor)});
}

std::optional<FrameRate> rate_of_encoder(const EncodingSettings& encoding) {
  if (encoding.video_codec == "copy") return std::nullopt;
  return encoding.video_fps;
}

unsigned gop_frames(const EncodingSettings& encoding) {
  return static_cast<unsigned>(std::max(1L, std::lround(encoding.video_fps.per_second())));
}

std::string rate_text(const FrameRate& rate) {
  if (rate.denominator == 1) return fmt::to_string(rate.numerator);
  return fmt::format("{}/{}", rate.numerator, rate.denominator);
}

}  // namespace livestream
