#include "source/slate_command.h"

#include <fmt/format.h>

#include "source/encoder_arguments.h"

namespace livestream {
namespace {

constexpr VideoSize kPlainSize = {1280, 720};
constexpr const char* kText = "No signal";

VideoSize plain_size(const Config& config) {
  const VideoSize size =
      config.video_quality ? kPlainSize : config.video_resolution.value_or(kPlainSize);
  return {std::max(2U, size.width & ~1U), std::max(2U, size.height & ~1U)};
}

}  // namespace

unsigned slate_frames(const Config& config) { return 2 * gop_frames(config); }

std::vector<std::string> slate_command(const Config& config, const SlateOrder& order) {
  const unsigned frames = slate_frames(config);
  const std::string rate = rate_text(config.video_fps);
  const EncoderArguments encoder = encoder_arguments(config);
  std::vector<std::string> arguments = {config.ffmpeg, "-nostdin",   "-hide_banner", "-nostats",
                                        "-loglevel",   "level+info", "-progress",    "pipe:3"};
  arguments.insert(arguments.end(), encoder.global.begin(), encoder.global.end());

  std::string filter;
  if (order.gop_frames > 0) {
    arguments.insert(arguments.end(), {"-protocol_whitelist", "pipe", "-f", "mp4", "-i", "pipe:0"});
    // The last picture, as often as it is needed, at 35 % of its brightness.
    filter = fmt::format(
        "trim=start_frame={},loop=loop={}:size=1,settb=1/({}),setpts=N,format=yuv420p,"
        "lutyuv=y='16+(val-16)*0.35':u='128+(val-128)*0.35':v='128+(val-128)*0.35'",
        order.gop_frames - 1, frames - 1, rate);
  } else {
    const VideoSize size = plain_size(config);
    arguments.insert(arguments.end(), {"-f", "lavfi", "-i",
                                       fmt::format("color=color=0x14181f:size={}x{}:rate={}",
                                                   size.width, size.height, rate)});
    filter = fmt::format("trim=end_frame={}", frames);
  }
  if (order.text) {
    filter += fmt::format(
        ",drawtext=text='{}':fontsize=h/12:fontcolor=white:x=(w-text_w)/2:y=(h-text_h)/2", kText);
  }
  filter += ",setsar=1";
  arguments.insert(arguments.end(), {"-f", "lavfi", "-i", "anullsrc=r=44100:cl=stereo", "-map",
                                     "0:V:0", "-map", "1:a:0"});
  append_video_output(arguments, config, order.ffmpeg, filter);
  append_audio_output(arguments, config);
  const FrameRate& fps = config.video_fps;
  arguments.insert(
      arguments.end(),
      {"-t", fmt::format("{:.3f}", static_cast<double>(frames) * fps.denominator / fps.numerator)});
  append_flv_output(arguments, 1);
  return arguments;
}

}  // namespace livestream
