#include "source/input_arguments.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include <fmt/format.h>

#include "source/encoder_arguments.h"

namespace livestream {
namespace {

using Arguments = std::vector<std::string>;

// Containers that hold their media themselves. Playlists (hls, concat, dash, sdp) are not among
// them: a file that calls itself a video must not make ffmpeg open others.
constexpr const char* kFileFormats =
    "mov,matroska,mpegts,avi,flv,live_flv,ogg,mpeg,mpegvideo,h264,hevc,m4v,obu,ivf,mjpeg,gif,mxf,"
    "asf,wtv,rm,nut,dv,image2,apng,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,"
    "yuv4mpegpipe,mp3,aac,ac3,eac3,wav,w64,flac,aiff,caf,au,amr";

// Some cameras and portals refuse what does not look like a browser.
constexpr const char* kUserAgent =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36";

// The least that ffmpeg takes, in bytes: it stops at the first packet.
constexpr const char* kLeastAnalysis = "32";

// libsrt gives up a connection after 3 s by itself.
constexpr const char* kLongConnectMs = "3600000";

constexpr VideoSize kDemoSize = {1280, 720};

void append(Arguments& arguments, std::initializer_list<std::string_view> more) {
  for (const std::string_view argument : more) arguments.emplace_back(argument);
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
void append_demo(Arguments& arguments, const SourceSettings& settings,
                 const EncodingSettings& encoding, bool draws_text) {
  const VideoSize size = demo_size(encoding);
  std::string picture =
      fmt::format("testsrc=size={}:rate={}", size_text(size), rate_text(encoding.video_fps));
  if (draws_text) {
    picture += fmt::format(
        ",drawtext=text='%{{localtime\\:%H\\\\\\:%M\\\\\\:%S}}':fontsize={}:fontcolor=white:box=1:"
        "boxcolor=black@0.6:"
        "boxborderw={}:x=(w-text_w)/2:y=h-text_h-{}",
        size.height * 2 / 15, size.height / 45, size.height * 4 / 45);
  }
  append(arguments, {"-re", "-f", "lavfi", "-i", picture});
  if (!settings.audio) return;
  append(arguments, {"-re", "-f", "lavfi", "-i",
                     "aevalsrc=exprs=0.2*sin(2*PI*880*t)*lt(mod(t\\,1)\\,0.1):sample_rate=44100"});
}

// A pass of a short clip plays it several times, because each pass costs a start of ffmpeg. Not
// with sound: ffmpeg repeats by the longer track, which would move the other one.
int repeats_in_pass(const InputOrder& order) {
  using Seconds = std::chrono::duration<double>;
  constexpr Seconds kLeastPass{2};
  constexpr Seconds kOnePicture{0.1};
  const auto& length = order.facts.input.duration;
  if (order.tracks.sound || !length || *length <= kOnePicture || *length >= kLeastPass) return 0;
  return static_cast<int>(kLeastPass / *length);
}

void append_file(Arguments& arguments, const InputOrder& order) {
  const int repeats = repeats_in_pass(order);
  if (repeats > 0) append(arguments, {"-stream_loop", fmt::to_string(repeats)});
  append(arguments, {"-protocol_whitelist", "file", "-format_whitelist", kFileFormats, "-i",
                     "file:" + order.source.location});
}

// While ffmpeg finds out the codec of one track of an MPEG-TS, it passes nothing on. It would hold
// back 2,500 packets of a sound that is not what its table says: minutes.
void append_probing(Arguments& arguments, const FfmpegInfo& ffmpeg) {
  if (!ffmpeg.older_than(4, 3)) append(arguments, {"-max_probe_packets", "8"});
}

void append_growing(Arguments& arguments, const CommandFacts& facts) {
  const char* format = "matroska";
  if (facts.container == GrowingContainer::kMpegTs) format = "mpegts";
  if (facts.container == GrowingContainer::kMp4) format = "mp4";
  append_probing(arguments, facts.ffmpeg);
  // Without a limit ffmpeg would first wait for five seconds of an MPEG-TS to be recorded.
  append(arguments, {"-protocol_whitelist", "pipe", "-format_whitelist", kFileFormats,
                     "-analyzeduration", "1000000", "-f", format, "-i", "pipe:0"});
}

const char* name_of(RtspTransport transport) {
  switch (transport) {
    case RtspTransport::kUdp:
      return "udp";
    case RtspTransport::kMulticast:
      return "udp_multicast";
    case RtspTransport::kHttp:
      return "http";
    case RtspTransport::kAuto:
    case RtspTransport::kTcp:
      break;
  }
  return "tcp";
}

// Enough for a GOP of 30 s. ffmpeg analyses as long again after the first keyframe of an MPEG-TS.
void append_long_analysis(Arguments& arguments) {
  append(arguments, {"-probesize", "100000000", "-analyzeduration", "30000000"});
}

void append_analysis(Arguments& arguments, const CommandFacts& facts) {
  append_probing(arguments, facts.ffmpeg);
  if (facts.learnt.size_comes_late) return append_long_analysis(arguments);
  append(arguments, {"-analyzeduration", "1000000"});
}

// The SDP names the tracks, so that nothing needs to be analysed: a camera may send a picture every
// ten seconds. A picture that is passed on untouched must be known before it is written.
void append_rtsp_analysis(Arguments& arguments, const LearntFacts& learnt, bool copies_video) {
  if (learnt.size_comes_late) return append_long_analysis(arguments);
  if (copies_video || learnt.tracks_come_late)
    return append(arguments, {"-probesize", "500000", "-analyzeduration", "500000"});
  append(arguments, {"-probesize", kLeastAnalysis});
}

void append_rtsp(Arguments& arguments, const InputOrder& order) {
  const SourceSpec& source = order.source;
  const LearntFacts& learnt = order.facts.learnt;
  const RtspTransport wish = order.settings.rtsp_transport;
  const RtspTransport transport = wish == RtspTransport::kAuto ? learnt.rtsp_transport : wish;
  std::string protocols =
      source.scheme == "rtsps" ? "rtp,srtp,rtsp,rtsps,tcp,tls,udp,crypto" : "rtp,rtsp,tcp,udp";
  if (transport == RtspTransport::kHttp) protocols += ",http";
  // Without a timeout option, because its name depends on the version (before 5.0 `-timeout` means:
  // wait for a caller). The supervisor's watch does its work.
  append(arguments, {"-protocol_whitelist", protocols, "-rtsp_transport", name_of(transport)});
  append_probing(arguments, order.facts.ffmpeg);
  append_rtsp_analysis(arguments, learnt, order.copies_video);
  append(arguments, {"-i", source.location});
}

// Without ffmpeg's own timeouts, because the supervisor's watch is more patient with each attempt.
void append_protocol(Arguments& arguments, const SourceSpec& source) {
  const std::string& scheme = source.scheme;
  if (scheme == "rtmp" || scheme == "rtmps") {
    append(arguments,
           {"-protocol_whitelist", scheme == "rtmps" ? "rtmps,rtmp,tls,tcp" : "rtmp,tcp"});
  } else if (scheme == "srt") {
    append(arguments, {"-protocol_whitelist", "srt,udp", "-connect_timeout", kLongConnectMs});
  } else if (scheme == "udp") {
    // A burst that does not fit its buffer costs packets then, not the whole run.
    append(arguments, {"-protocol_whitelist", "udp", "-overrun_nonfatal", "1"});
  } else {
    append(arguments, {"-protocol_whitelist", scheme == "rtp" ? "rtp,udp" : "tcp"});
  }
}

// The demuxer of one picture. The one that ffmpeg takes by the address's extension (image2) cannot
// read a picture whose length the server does not tell.
std::string_view picture_format(const InputFacts& input) {
  if (input.streams.size() != 1) return "";
  if (!input.is_format("image2") && !input.is_format("jpeg_pipe") && !input.is_format("png_pipe"))
    return "";
  if (input.streams.front().codec == "mjpeg") return "jpeg_pipe";
  return input.streams.front().codec == "png" ? "png_pipe" : "";
}

// No `-reconnect_streamed`: where the server tells no length, ffmpeg takes the end of a file for a
// lost connection and reads the file's beginning again, as if it went on there.
void append_http(Arguments& arguments, const SourceSpec& source, const CommandFacts& facts) {
  append(arguments, {"-protocol_whitelist", "http,https,httpproxy,tcp,tls,crypto,data",
                     "-user_agent", kUserAgent, "-reconnect", "1", "-reconnect_delay_max", "2"});
  append_analysis(arguments, facts);
  const std::string_view picture = picture_format(facts.input);
  if (!picture.empty()) append(arguments, {"-f", picture});
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
  if (!has_second_input(settings, source)) return;
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
  const bool adds_audio = settings.audio && !names_audio && !settings.audio_device.empty();
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
  const bool adds_audio = settings.audio && !names_audio && !settings.audio_device.empty();
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

// Senders put MPEG-TS into these nearly always.
bool brings_mpegts(const SourceSpec& source) {
  if (source.kind == SourceKind::kHttp) return path_of_url(source.location).ends_with(".ts");
  return source.scheme == "tcp" || source.scheme == "udp" || source.scheme == "srt";
}

// An MPEG-TS is cut where its writer likes, nearly always between pictures; the other containers
// define it.
bool keeps_pictures_whole(const InputFacts& input) {
  constexpr std::array kContainers = {"mpegts", "flv", "live_flv", "matroska", "mov", "nut"};
  return std::any_of(kContainers.begin(), kContainers.end(),
                     [&](const char* name) { return input.is_format(name); });
}

// Whether the codec's decoder finds its frames without a parser, or complains when it does not.
bool decodes_unparsed(const std::optional<ChosenTrack>& track) {
  constexpr std::array kCodecs = {"h264", "hevc", "aac", "mp2", "mp3", "ac3"};
  return !track || std::find(kCodecs.begin(), kCodecs.end(), track->stream.codec) != kCodecs.end();
}

bool needs_no_parser(const InputOrder& order) {
  const CommandFacts& facts = order.facts;
  if (!brings_mpegts(order.source) || !facts.learnt.whole_pictures || order.copies_video)
    return false;
  if (!facts.input.is_known()) return true;
  return keeps_pictures_whole(facts.input) && decodes_unparsed(order.tracks.picture) &&
         decodes_unparsed(order.tracks.sound);
}

// A picture without a parser goes on when the next one begins, unless its end is made known.
bool needs_carrier(const InputOrder& order) {
  return order.source.kind == SourceKind::kNetwork && needs_no_parser(order);
}

void append_network(Arguments& arguments, const InputOrder& order) {
  const bool carried = needs_carrier(order);
  if (carried) {
    append(arguments, {"-protocol_whitelist", "pipe"});
  } else {
    append_protocol(arguments, order.source);
  }
  append_analysis(arguments, order.facts);
  append(arguments, {"-i", carried ? "pipe:0" : order.source.location});
}

}  // namespace

Arguments carrier_arguments(const InputOrder& order) {
  if (!needs_carrier(order)) return {};
  Arguments arguments = {order.settings.ffmpeg, "-nostdin",  "-hide_banner", "-nostats",
                         "-loglevel",           "level+info"};
  append_protocol(arguments, order.source);
  append(arguments, {"-probesize", kLeastAnalysis, "-f", "data", "-i", order.source.location,
                     "-map", "0", "-c", "copy", "-flush_packets", "1", "-f", "data", "pipe:1"});
  return arguments;
}

void append_input(Arguments& arguments, const InputOrder& order) {
  const auto& [settings, encoding, source, facts, tracks, pace, copies_video, stamps_by_arrival] =
      order;
  const bool comes_live = source.kind == SourceKind::kNetwork ||
                          source.kind == SourceKind::kDevice ||
                          (source.kind == SourceKind::kHttp && pace == Pacer::Pace::kFindOut);
  // With a thread for each frame the decoder would hold back as many pictures as it has threads.
  if (comes_live) append(arguments, {"-thread_type", "slice"});
  // A parser knows that a picture is whole only when the next one begins: a frame later. The manual
  // gives +nofillin with +noparse, but +nofillin loses the input's start time.
  if (comes_live && needs_no_parser(order)) append(arguments, {"-fflags", "+noparse"});
  // Finding out the source's rate takes 20 pictures. The encoder has a rate of its own, and that of
  // a picture that is passed through may be known.
  const bool needs_no_rate = comes_live && (!copies_video || facts.learnt.frame_rate > 0) &&
                             source.kind != SourceKind::kDevice;
  if (needs_no_rate || stamps_by_arrival) append(arguments, {"-fpsprobesize", "0"});
  if (stamps_by_arrival) append(arguments, {"-use_wallclock_as_timestamps", "1"});
  switch (source.kind) {
    case SourceKind::kDemo:
      return append_demo(arguments, settings, encoding, facts.learnt.draws_text);
    case SourceKind::kGrowingFile:
      return append_growing(arguments, facts);
    case SourceKind::kNetwork:
      if (source.scheme != "rtsp" && source.scheme != "rtsps")
        return append_network(arguments, order);
      return append_rtsp(arguments, order);
    case SourceKind::kHttp:
      return append_http(arguments, source, facts);
    case SourceKind::kDevice:
      return append_device(arguments, settings, encoding, source);
    case SourceKind::kFile:
      return append_file(arguments, order);
  }
}

bool has_second_input(const SourceSettings& settings, const SourceSpec& source) {
  return settings.audio && (source.kind == SourceKind::kDemo ||
                            (source.scheme == "v4l2" && !settings.audio_device.empty()));
}

std::string size_text(const VideoSize& size) {
  return fmt::format("{}x{}", size.width, size.height);
}

}  // namespace livestream
