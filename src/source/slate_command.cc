#include "source/slate_command.h"

#include <fmt/format.h>

#include "source/encoder_arguments.h"

namespace livestream {
namespace {

using Look = SlateOrder::Look;

constexpr VideoSize kPlainSize = {1280, 720};
constexpr const char* kText = "No signal";
// At 35 % of its brightness.
constexpr const char* kDarker =
    ",lutyuv=y='16+(val-16)*0.35':u='128+(val-128)*0.35':v='128+(val-128)*0.35'";

VideoSize plain_size(const EncodingSettings& encoding) {
  const VideoSize size =
      encoding.video_quality ? kPlainSize : encoding.video_resolution.value_or(kPlainSize);
  return {std::max(2U, size.width & ~1U), std::max(2U, size.height & ~1U)};
}

}  // namespace

unsigned slate_frames(const EncodingSettings& encoding) { return 2 * gop_frames(encoding); }

std::vector<std::string> slate_command(const SourceSettings& settings,
                                       const EncodingSettings& encoding, const SlateOrder& order) {
  const unsigned frames = slate_frames(encoding);
  const std::string rate = rate_text(encoding.video_fps);
  const EncoderArguments encoder = encoder_arguments(encoding);
  std::vector<std::string> arguments = {settings.ffmpeg, "-nostdin",   "-hide_banner", "-nostats",
                                        "-loglevel",     "level+info", "-progress",    "pipe:3"};
  arguments.insert(arguments.end(), encoder.global.begin(), encoder.global.end());

  std::string filter;
  if (order.gop_frames > 0) {
    arguments.insert(arguments.end(), {"-protocol_whitelist", "pipe", "-f", "mp4", "-i", "pipe:0"});
    // The last picture, as often as it is needed.
    filter =
        fmt::format("trim=start_frame={},loop=loop={}:size=1,settb=1/({}),setpts=N,format=yuv420p",
                    order.gop_frames - 1, frames - 1, rate);
    if (order.look == Look::kAway || order.look == Look::kOld) filter += kDarker;
  } else {
    const VideoSize size = plain_size(encoding);
    arguments.insert(arguments.end(), {"-f", "lavfi", "-i",
                                       fmt::format("color=color=0x14181f:size={}x{}:rate={}",
                                                   size.width, size.height, rate)});
    filter = fmt::format("trim=end_frame={}", frames);
  }
  if (order.text && (order.look == Look::kAway || order.look == Look::kOldAway)) {
    filter += fmt::format(
        ",drawtext=text='{}':fontsize=h/12:fontcolor=white:x=(w-text_w)/2:y=(h-text_h)/2", kText);
  }
  filter += ",setsar=1";
  arguments.insert(arguments.end(), {"-f", "lavfi", "-i", "anullsrc=r=44100:cl=stereo", "-map",
                                     "0:V:0", "-map", "1:a:0"});
  append_video_output(arguments, encoding, order.ffmpeg, filter);
  append_audio_output(arguments, encoding);
  const FrameRate& fps = encoding.video_fps;
  arguments.insert(
      arguments.end(),
      {"-t", fmt::format("{:.3f}", static_cast<double>(frames) * fps.denominator / fps.numerator)});
  append_flv_output(arguments, 1);
  return arguments;
}

}  // namespace livestream
