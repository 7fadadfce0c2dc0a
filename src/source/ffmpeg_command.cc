#include "source/ffmpeg_command.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

#include "config/quality.h"
#include "source/encoder_arguments.h"

namespace livestream {
namespace {

using Arguments = std::vector<std::string>;

// Containers that hold their media themselves. Playlists (hls, concat, dash, sdp) are not among
// them: a file that calls itself a video must not make ffmpeg open others.
constexpr const char* kFileFormats =
    "mov,matroska,mpegts,avi,flv,live_flv,ogg,mpeg,mpegvideo,h264,hevc,m4v,obu,ivf,mjpeg,gif,mxf,"
    "asf,wtv,rm,nut,dv,"
    "yuv4mpegpipe,mp3,aac,ac3,eac3,wav,w64,flac,aiff,caf,au,amr";

// Some cameras and portals refuse what does not look like a browser.
constexpr const char* kUserAgent =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36";

// The time at which two outputs begin, in seconds: FLV has no times below zero, and each output by
// itself would move its own encoder's lead-in out of them.
constexpr const char* kStart = "1";

constexpr VideoSize kDemoSize = {1280, 720};
constexpr VideoSize kStillSize = {640, 360};

void append(Arguments& arguments, std::initializer_list<std::string_view> more) {
  for (const std::string_view argument : more) arguments.emplace_back(argument);
}

std::string size_text(const VideoSize& size) {
  return fmt::format("{}x{}", size.width, size.height);
}

VideoSize even(const VideoSize& size) {
  return {std::max(2U, size.width & ~1U), std::max(2U, size.height & ~1U)};
}

// Drawn at the size asked for when that is a smaller one of the same shape: scaling 720p down to
// 360p costs more than the encoder.
VideoSize demo_size(const EncodingSettings& encoding) {
  if (encoding.video_quality || !encoding.video_resolution) return kDemoSize;
  const auto [width, height] = *encoding.video_resolution;
  const bool same_shape = width * kDemoSize.height == height * kDemoSize.width;
  return same_shape && width < kDemoSize.width ? *encoding.video_resolution : kDemoSize;
}

// Not testsrc2, whose moving noise makes ten times the bitrate (720p: 7.5 instead of 0.8 Mbit/s).
void append_demo(Arguments& arguments, const EncodingSettings& encoding, const InputFacts& input) {
  const VideoSize size = demo_size(encoding);
  std::string picture =
      fmt::format("testsrc=size={}:rate={}", size_text(size), rate_text(encoding.video_fps));
  if (input.draws_text) {
    picture += fmt::format(
        ",drawtext=text='%{{localtime\\:%H\\\\\\:%M\\\\\\:%S}}':fontsize={}:fontcolor=white:box=1:"
        "boxcolor=black@0.6:"
        "boxborderw={}:x=(w-text_w)/2:y=h-text_h-{}",
        size.height * 2 / 15, size.height / 45, size.height * 4 / 45);
  }
  append(arguments, {"-re", "-f", "lavfi", "-i", picture});
  append(arguments, {"-re", "-f", "lavfi", "-i",
                     "aevalsrc=exprs=0.2*sin(2*PI*880*t)*lt(mod(t\\,1)\\,0.1):sample_rate=44100"});
}

void append_growing(Arguments& arguments, GrowingContainer container) {
  const char* format = "matroska";
  if (container == GrowingContainer::kMpegTs) format = "mpegts";
  if (container == GrowingContainer::kMp4) format = "mp4";
  // Without a limit ffmpeg would first wait for five seconds of an MPEG-TS to be recorded.
  append(arguments, {"-protocol_whitelist", "pipe", "-format_whitelist", kFileFormats,
                     "-analyzeduration", "1000000", "-f", format, "-i", "pipe:0"});
}

void append_network(Arguments& arguments, const SourceSpec& source) {
  const std::string& scheme = source.scheme;
  if (scheme == "rtsp" || scheme == "rtsps") {
    // No timeout option: its name depends on ffmpeg's version (before 5.0 `-timeout` means: wait to
    // be called). The supervisor's watchdog does its work.
    append(arguments,
           {"-protocol_whitelist",
            scheme == "rtsps" ? "rtp,srtp,rtsp,rtsps,tcp,tls,udp,crypto" : "rtp,rtsp,tcp,udp",
            "-rtsp_transport", "tcp", "-probesize", "500000", "-analyzeduration", "500000"});
  } else if (scheme == "rtmp" || scheme == "rtmps") {
    append(arguments, {"-protocol_whitelist", scheme == "rtmps" ? "rtmps,rtmp,tls,tcp" : "rtmp,tcp",
                       "-rw_timeout", "5000000", "-analyzeduration", "1000000"});
  } else if (scheme == "srt") {
    append(arguments, {"-protocol_whitelist", "srt,udp", "-analyzeduration", "1000000"});
  } else if (scheme == "udp") {
    // A burst that does not fit its buffer costs packets then, not the whole run.
    append(arguments,
           {"-protocol_whitelist", "udp", "-overrun_nonfatal", "1", "-analyzeduration", "1000000"});
  } else if (scheme == "rtp") {
    append(arguments, {"-protocol_whitelist", "rtp,udp", "-analyzeduration", "1000000"});
  } else {
    append(arguments,
           {"-protocol_whitelist", "tcp", "-rw_timeout", "5000000", "-analyzeduration", "1000000"});
  }
  append(arguments, {"-i", source.location});
}

void append_http(Arguments& arguments, const SourceSpec& source) {
  append(arguments,
         {"-protocol_whitelist", "http,https,httpproxy,tcp,tls,crypto,data", "-user_agent",
          kUserAgent, "-rw_timeout", "5000000", "-reconnect", "1", "-reconnect_streamed", "1",
          "-reconnect_delay_max", "2", "-analyzeduration", "1000000"});
  append(arguments, {"-i", source.location});
}

// Video and sound of a camera arrive on their own: each gets a queue that covers the other's start.
void append_v4l2(Arguments& arguments, const SourceSettings& settings,
                 const EncodingSettings& encoding, const SourceSpec& source) {
  append(arguments, {"-f", "v4l2", "-thread_queue_size", "512"});
  if (settings.video_input_size)
    append(arguments, {"-video_size", size_text(*settings.video_input_size)});
  if (!settings.video_input_format.empty())
    append(arguments, {"-input_format", settings.video_input_format});
  append(arguments, {"-framerate", rate_text(encoding.video_fps), "-i", source.location});
  const std::string& audio = settings.audio_device;
  if (audio.empty()) return;
  append(arguments, {"-thread_queue_size", "512"});
  if (audio == "pulse") {
    append(arguments, {"-f", "pulse", "-i", "default"});
  } else if (audio.starts_with("pulse:")) {
    append(arguments, {"-f", "pulse", "-i", audio.substr(6)});
  } else {
    append(arguments, {"-f", "alsa", "-i", audio.starts_with("alsa:") ? audio.substr(5) : audio});
  }
}

void append_avfoundation(Arguments& arguments, const SourceSettings& settings,
                         const EncodingSettings& encoding, const SourceSpec& source) {
  append(arguments, {"-f", "avfoundation", "-thread_queue_size", "512"});
  if (settings.video_input_size)
    append(arguments, {"-video_size", size_text(*settings.video_input_size)});
  if (!settings.video_input_format.empty())
    append(arguments, {"-pixel_format", settings.video_input_format});
  append(arguments, {"-framerate", rate_text(encoding.video_fps)});
  if (source.location.starts_with("Capture screen")) append(arguments, {"-capture_cursor", "1"});
  const bool names_audio = source.location.find(':') != std::string::npos;
  const bool adds_audio = !names_audio && !settings.audio_device.empty();
  append(arguments,
         {"-i", adds_audio ? source.location + ":" + settings.audio_device : source.location});
}

void append_dshow(Arguments& arguments, const SourceSettings& settings,
                  const EncodingSettings& encoding, const SourceSpec& source) {
  append(arguments, {"-f", "dshow", "-thread_queue_size", "512", "-rtbufsize", "128M"});
  if (settings.video_input_size)
    append(arguments, {"-video_size", size_text(*settings.video_input_size)});
  const std::string& format = settings.video_input_format;
  if (format == "mjpeg" || format == "h264") {
    append(arguments, {"-vcodec", format});
  } else if (!format.empty()) {
    append(arguments, {"-pixel_format", format});
  }
  append(arguments, {"-framerate", rate_text(encoding.video_fps)});
  const bool names_audio = source.location.find("audio=") != std::string::npos;
  const bool adds_audio = !names_audio && !settings.audio_device.empty();
  append(arguments, {"-i", adds_audio ? source.location + ":audio=" + settings.audio_device
                                      : source.location});
}

void append_device(Arguments& arguments, const SourceSettings& settings,
                   const EncodingSettings& encoding, const SourceSpec& source) {
  if (source.scheme == "avfoundation")
    return append_avfoundation(arguments, settings, encoding, source);
  if (source.scheme == "dshow") return append_dshow(arguments, settings, encoding, source);
  append_v4l2(arguments, settings, encoding, source);
}

// What senders put into these is nearly always MPEG-TS.
bool brings_mpegts(const SourceSpec& source) {
  if (source.kind == SourceKind::kHttp)
    return source.location.substr(0, source.location.find_first_of("?#")).ends_with(".ts");
  return source.scheme == "tcp" || source.scheme == "udp" || source.scheme == "srt";
}

void append_input(Arguments& arguments, const SourceSettings& settings,
                  const EncodingSettings& encoding, const SourceSpec& source,
                  const CommandFacts& facts) {
  const bool comes_live =
      source.kind == SourceKind::kNetwork || source.kind == SourceKind::kDevice ||
      (source.kind == SourceKind::kHttp && pace_of(source, facts.input) == Pacer::Pace::kFindOut);
  // With a thread per frame the decoder would hold back as many pictures as it has threads.
  if (comes_live) append(arguments, {"-thread_type", "slice"});
  // A parser knows that a picture is whole only when the next one begins: a frame later. Not with
  // +nofillin, as the manual has it: that loses the input's start time.
  if (comes_live && brings_mpegts(source) && facts.input.whole_pictures &&
      !copies_video(encoding, source, facts.input)) {
    append(arguments, {"-fflags", "+noparse"});
  }
  switch (source.kind) {
    case SourceKind::kDemo:
      return append_demo(arguments, encoding, facts.input);
    case SourceKind::kGrowingFile:
      return append_growing(arguments, facts.container);
    case SourceKind::kNetwork:
      return append_network(arguments, source);
    case SourceKind::kHttp:
      return append_http(arguments, source);
    case SourceKind::kDevice:
      return append_device(arguments, settings, encoding, source);
    case SourceKind::kFile:
      break;
  }
  append(arguments, {"-protocol_whitelist", "file", "-format_whitelist", kFileFormats});
  append(arguments, {"-i", "file:" + source.location});
}

// Square pixels and even sides; the 0.01 keeps 719.9999 from becoming 718.
std::string scale_filter(const EncodingSettings& encoding) {
  if (!encoding.video_quality && encoding.video_resolution) {
    const VideoSize size = even(*encoding.video_resolution);
    return fmt::format(
        "scale=w='max(2,trunc(min({0},{1}*dar)/2+0.01)*2)':h='max(2,trunc(min({1},{0}/dar)/"
        "2+0.01)*2)',"
        "pad={0}:{1}:(ow-iw)/2:(oh-ih)/2,setsar=1",
        size.width, size.height);
  }
  const double scale = encoding.video_quality ? quality_of(*encoding.video_quality).scale : 1.0;
  return fmt::format(
      "scale=w='max(2,trunc(iw*sar*{0:.6g}/2+0.01)*2)':h='max(2,trunc(ih*{0:.6g}/"
      "2+0.01)*2)',setsar=1",
      scale);
}

void append_maps(Arguments& arguments, const std::vector<std::string_view>& maps) {
  for (const std::string_view map : maps) append(arguments, {"-map", map});
  append(arguments, {"-sn", "-dn"});
}

bool has_second_input(const SourceSettings& settings, const SourceSpec& source) {
  return source.kind == SourceKind::kDemo ||
         (source.scheme == "v4l2" && !settings.audio_device.empty());
}

}  // namespace

Pacer::Pace pace_of(const SourceSpec& source, const InputFacts& input) {
  switch (source.kind) {
    case SourceKind::kFile:
    case SourceKind::kGrowingFile:
      return Pacer::Pace::kByClock;
    case SourceKind::kHttp:
      // A file is read faster than it plays, and a segment comes at once.
      return input.finite || input.segmented ? Pacer::Pace::kByClock : Pacer::Pace::kFindOut;
    case SourceKind::kNetwork:
    case SourceKind::kDevice:
    case SourceKind::kDemo:
      return Pacer::Pace::kAsItComes;
  }
  return Pacer::Pace::kAsItComes;
}

bool sound_apart(const SourceSettings& settings, const SourceSpec& source,
                 const InputFacts& input) {
  if (has_second_input(settings, source)) return true;
  // What an AVFoundation or DirectShow device brings is not known before.
  return source.kind != SourceKind::kDevice && input.has_video && input.has_audio;
}

bool copies_video(const EncodingSettings& encoding, const SourceSpec& source,
                  const InputFacts& input) {
  return encoding.video_codec == "copy" && input.has_video && source.kind != SourceKind::kDemo;
}

std::vector<std::string> ffmpeg_command(const SourceSettings& settings,
                                        const EncodingSettings& wanted, const SourceSpec& source,
                                        const CommandFacts& facts) {
  const bool copies = copies_video(wanted, source, facts.input);
  EncodingSettings encoding = wanted;
  if (!copies && wanted.video_codec == "copy") encoding.video_codec = "libx264";
  const EncoderArguments encoder = encoder_arguments(encoding);

  Arguments arguments = {settings.ffmpeg, "-nostdin",   "-hide_banner", "-nostats",
                         "-loglevel",     "level+info", "-progress",    "pipe:3"};
  if (!copies) arguments.insert(arguments.end(), encoder.global.begin(), encoder.global.end());
  append_input(arguments, settings, encoding, source, facts);
  if (!facts.input.has_video) {
    append(arguments, {"-f", "lavfi", "-i",
                       fmt::format("color=color=0x14181f:size={}:rate={}", size_text(kStillSize),
                                   rate_text(encoding.video_fps))});
  }
  const bool apart = sound_apart(settings, source, facts.input);
  const std::string_view sound = has_second_input(settings, source) ? "1:a:0" : "0:a:0";
  if (!facts.input.has_video) {
    append_maps(arguments, {"1:v:0", "0:a:0"});
    append(arguments, {"-shortest"});
  } else if (apart || !facts.input.has_audio) {
    append_maps(arguments, {"0:V:0"});
  } else {
    append_maps(arguments, {"0:V:0", "0:a:0?"});  // perhaps it has no sound
  }
  if (copies) {
    append(arguments, {"-c:v", "copy"});
  } else {
    const std::string deinterlace = facts.input.interlaced ? "yadif=deint=interlaced," : "";
    append_video_output(arguments, encoding, facts.ffmpeg, deinterlace + scale_filter(encoding));
  }
  if (apart) {
    append(arguments, {"-output_ts_offset", kStart});
    append_flv_output(arguments, 1);
    append_maps(arguments, {sound});
  }
  if (facts.input.has_audio) {
    append_audio_output(arguments, encoding);
    // Fills holes of the source's sound with silence, so that sound and picture stay together.
    append(arguments, {"-af", "aresample=async=1"});
  }
  if (apart) {
    append(arguments, {"-output_ts_offset", kStart});
    append_flv_output(arguments, 4);
    return arguments;
  }
  // Picture waits half a second for sound that is late, and the other way round, instead of ten.
  append(arguments, {"-max_interleave_delta", "500000"});
  append_flv_output(arguments, 1);
  return arguments;
}

}  // namespace livestream
