#include "source/stderr_reader.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/mask.h"

namespace livestream {
namespace {

constexpr std::size_t kLongestLine = 2048;
constexpr std::size_t kErrorsKept = 10;

struct LevelName {
  std::string_view tag;
  LogLevel level;
};
constexpr std::array<LevelName, 8> kLevels = {{{"[panic] ", LogLevel::kError},
                                               {"[fatal] ", LogLevel::kError},
                                               {"[error] ", LogLevel::kError},
                                               {"[warning] ", LogLevel::kWarn},
                                               {"[info] ", LogLevel::kDebug},
                                               {"[verbose] ", LogLevel::kDebug},
                                               {"[debug] ", LogLevel::kDebug},
                                               {"[trace] ", LogLevel::kDebug}}};

// Warnings that are not of a fault: without a parser the sound of an MPEG-TS comes in several
// frames a packet; the pictures of MJPEG cameras have the full range; and the encoder learns from
// the first picture what a short analysis did not show; uncompressed sound seldom names its
// channels.
bool is_usual(std::string_view line) {
  constexpr std::array kUsual = {
      "Multiple frames in a packet.",       "Changing video frame properties on the fly",
      "deprecated pixel format used",       "Could not find codec parameters for stream",
      "not enough frames to estimate rate", "Guessed Channel Layout for Input Stream"};
  return std::any_of(kUsual.begin(), kUsual.end(), [line](const char* usual) {
    return line.find(usual) != std::string_view::npos;
  });
}

// Of an output that takes the source's own sound if that is AAC.
bool is_of_tried_copy(std::string_view line) {
  return line.starts_with("tee: Slave ") ||
         (line.starts_with("flv: ") &&
          line.find("incompatible with output codec id") != std::string_view::npos);
}

// "[h264 @ 0x55d0] [error] text" is "h264: text" at level error; the address differs in every run.
StderrLine parse_line(std::string_view line) {
  StderrLine result;
  std::string prefix;
  while (line.starts_with('[')) {
    const std::size_t end = line.find("] ");
    if (end == std::string_view::npos) break;
    const std::string_view tag = line.substr(0, end + 2);
    bool is_level = false;
    for (const LevelName& name : kLevels) {
      if (tag == name.tag) {
        result.level = name.level;
        result.has_level = true;
        is_level = true;
      }
    }
    const std::size_t address = tag.find(" @ 0x");
    if (!is_level && address == std::string_view::npos) break;
    if (!is_level) prefix += fmt::format("{}: ", tag.substr(1, address - 1));
    line.remove_prefix(end + 2);
  }
  result.text = prefix + std::string(line);
  // x264 writes its errors itself, not through the log of ffmpeg, while it is being opened.
  if (line.starts_with("x264 [error]: ")) result.level = LogLevel::kError;
  // So does libsrt.
  const bool is_srt = line.find("/SRT:") != std::string_view::npos;
  if (is_srt && line.find("Incorrect passphrase") != std::string_view::npos)
    result.level = LogLevel::kError;
  return result;
}

// When a line tells why a run ended.
enum class Tells {
  kAlways,
  // While no picture has come; a source that plays may bring it, too. Such lines are remembered
  // whatever their level.
  kBeforePictures,
};

struct Explanation {
  std::string_view pattern;
  std::string_view sentence;
  Tells tells = Tells::kAlways;
  // The line must contain this text, too.
  std::string_view also = {};
};

// Looked for in this order in all that is remembered: the causes first, what follows from them
// after.
constexpr std::array kExplanations = std::to_array<Explanation>({
    {"mov,mp4", "the file is not a video: it is empty, or something else under the name of an MP4",
     Tells::kBeforePictures, "detected only with low score of 1,"},
    {"moov atom not found",
     "the MP4 is not complete: its index (moov) is not there. Wait until the recording has ended, "
     "or record to MKV, "
     "MPEG-TS or fragmented MP4 (OBS: Settings, Output, Recording Format)"},
    {"mov,mp4",
     "the MP4 breaks off, or its index (moov) is at its end and the server cannot be asked for "
     "parts (ranges): write it with `ffmpeg -i IN -c copy -movflags +faststart OUT`",
     Tells::kAlways, "partial file"},
    {"skipping unsupported chunk: ANIM",
     "this ffmpeg cannot decode animated WebP: convert the file to MP4, GIF or animated PNG",
     Tells::kBeforePictures},
    {"Unable to open key file skd:",
     "the source is encrypted (DRM) and cannot be played: give an address without encryption"},
    {"Unable to open key file",
     "the key of the encrypted playlist cannot be fetched: the address may have expired, or need "
     "a user and password"},
    {"parse_playlist error",
     "a playlist that the source's playlist names cannot be read: the address may have expired",
     Tells::kBeforePictures},
    {"hls: Empty segment",
     "the source's playlist names no segments: its sender may be off, or the address may have "
     "expired",
     Tells::kBeforePictures},
    {"hls: Failed to open segment",
     "the segments that the source's playlist names cannot be opened: the address may have "
     "expired, or need a user and password",
     Tells::kBeforePictures},
    {"hls: Error when loading first segment",
     "the segments that the source's playlist names are not a video: they may be encrypted"},
    {"dash: Error when loading first fragment",
     "the segments that the source's manifest names cannot be opened: the address may have "
     "expired, or need a user and password"},
    {"Unknown encoder",
     "this ffmpeg does not have the encoder that VIDEO_CODEC asks for: use VIDEO_CODEC=libx264"},
    {"Cannot load libcuda", "the NVIDIA driver is not there: use VIDEO_CODEC=libx264"},
    {"No VA display", "there is no VA-API device (/dev/dri/renderD128): use VIDEO_CODEC=libx264"},
    {"Cannot allocate memory", "ffmpeg ran out of memory: see FFMPEG_MEMORY_MB"},
    {"malloc of size", "ffmpeg ran out of memory: see FFMPEG_MEMORY_MB"},
    {"pthread_create failed", "ffmpeg ran out of memory or threads: see FFMPEG_MEMORY_MB"},
    {"Incorrect passphrase", "the SRT passphrase is wrong: both ends need the same one"},
    {"set option SRTO_PASSPHRASE", "the SRT passphrase must have 10 to 79 characters"},
    {"BADSECRET", "the SRT passphrase is wrong: both ends need the same one"},
    // Any server that refuses after the handshake; ffmpeg does not tell the reason.
    {"Connection to srt://",
     "the SRT server refuses the connection: check passphrase and streamid, and that it does not "
     "have another caller",
     Tells::kAlways, "failed: Input/output error"},
    {"461 ",
     "the camera refuses this way of sending (461): set RTSP_TRANSPORT to udp, tcp or multicast"},
    {"453 Not Enough Bandwidth",
     "the camera serves no more viewers (453): close other connections to it"},
    {"An unexpected TLS packet was received",
     "the source does not speak TLS at this port: use http:// or rtsp:// instead of https:// or "
     "rtsps://"},
    {"certificate's owner",
     "the source's TLS certificate is for another host: use the name that it is for"},
    {"certificate failed verification",
     "the source's TLS certificate is not trusted or has expired: renew it, or use http:// or "
     "rtsp://"},
    // OpenSSL's words for the same.
    {"certificate verify failed",
     "the source's TLS certificate is not trusted or has expired: renew it, or use http:// or "
     "rtsp://"},
    {"Cannot read RTMP handshake response", "no RTMP server answers at the source's address"},
    {"Cannot open video device",
     "there is no such camera: check the name and that it is plugged in (ls /dev/video*)"},
    {": unspecified size",
     "the source's video does not describe itself: set the camera to send SPS and PPS (sprop) with "
     "each keyframe, or to plain H.264",
     Tells::kBeforePictures, "(Video: h"},
    {"(Video: none",
     "the codec of the source's picture is not known to this ffmpeg: set the source to H.264",
     Tells::kBeforePictures, "unknown codec"},
    {"401 Unauthorized",
     "the source asks for a user and password: put them into the URL "
     "(scheme://user:password@host)"},
    {"403 Forbidden", "the source refuses access (403 Forbidden)"},
    {"404 Not Found", "the source does not exist at this address (404 Not Found)"},
    {"DESCRIBE failed: 404", "the source does not exist at this address (404 Not Found)"},
    {"454 Session Not Found", "the camera has lost the session (454)"},
    {"rtsp: method",
     "the camera refuses what it is asked for (4xx): check the address, or restart the camera",
     Tells::kAlways, "failed: 4"},
    {"HTTP error 429",
     "the source's server gets too many requests (429): close other connections to it",
     Tells::kBeforePictures},
    {"HTTP error 410", "the source has been removed from this address (410 Gone)",
     Tells::kBeforePictures},
    {"Server returned 4XX",
     "the source's server refuses the request (4xx): it may limit the number of requests or need "
     "another address"},
    {"400 Bad Request", "the source's server does not understand the request (400 Bad Request)"},
    {"Format not on whitelist",
     "the file is not a video that is served: still pictures may be PNG, JPEG, WebP, BMP or TIFF; "
     "playlists are not opened from files"},
    {".m3u8: Invalid data",
     "a playlist is not opened from a file: give its http:// or https:// address", Tells::kAlways,
     "file:"},
    {"Server returned 5", "the source's server has an error of its own (5xx)"},
    {"Address already in use",
     "the source's port is used by another program: end that program or choose another port"},
    {"Connection refused", "nothing listens at the source's address (Connection refused)"},
    {"Failed to resolve hostname", "the source's host name is not known"},
    {"Name or service not known", "the source's host name is not known"},
    {"No route to host", "there is no route to the source's host"},
    {"Network is unreachable", "the source's network cannot be reached"},
    {"Connection timed out", "the source does not answer (Connection timed out)"},
    {"Operation timed out", "the source does not answer (timed out)"},
    {"Selected framerate",
     "the camera does not offer this frame rate: set VIDEO_FPS to one that it lists, most often "
     "30"},
    {"Device or resource busy", "the camera is used by another program"},
    {"Permission denied",
     "the source may not be opened (Permission denied): check the file's rights; for a camera, add "
     "the user to the "
     "group `video`"},
    {"No such device", "there is no such device: check that the camera is plugged in"},
    {"No such file or directory",
     "the source does not exist (No such file or directory): check the path; an address begins "
     "with "
     "its scheme, such as rtsp://"},
    {"Is a directory", "the source is a folder, not a file"},
    {"Stream ends prematurely",
     "the answer of the source's server ended before its end, or is not a video: check the "
     "address"},
    {"incorrect codec parameters",
     "the source's video cannot be passed through untouched: use VIDEO_CODEC=libx264"},
    {"is not supported in flv",
     "the source's video is not H.264 and cannot be passed through: use VIDEO_CODEC=libx264"},
    {"not compatible with flv",
     "the source's video is not H.264 and cannot be passed through: use VIDEO_CODEC=libx264"},
    {"does not contain any stream", "the source has neither picture nor sound"},
    {"matches no streams", "the source has neither picture nor sound that can be played"},
    {"Port missing in uri", "the source's address has no port: scheme://host:port"},
    {"Protocol not found",
     "this ffmpeg was built without the source's protocol: install a full ffmpeg"},
    {"rtsp", "the source does not speak RTSP at this port: RTSP is at port 554 of most cameras",
     Tells::kAlways, "Invalid data found when processing input"},
    {"Invalid data found when processing input",
     "the source is not a video that ffmpeg understands, perhaps a web page or a text: give the "
     "address of the stream itself (Invalid data)"},
    {"http://",
     "the source's server hangs up without an answer: it may expect https://, or another port",
     Tells::kAlways, ": End of file"},
    {"End of file", "the source ended before anything came"},
    {"http",
     "the source's server cannot be read: it hangs up, or redirects without end; open the address "
     "in a browser",
     Tells::kAlways, ": Input/output error"},
    {"Stream map '0:V:0' matches no streams",
     "the source has no picture that can be played, nor sound (AUDIO=off leaves it out)"},
});

bool matches(const Explanation& explanation, std::string_view line) {
  return line.find(explanation.pattern) != std::string_view::npos &&
         line.find(explanation.also) != std::string_view::npos;
}

bool tells_before_pictures(std::string_view line) {
  return std::any_of(kExplanations.begin(), kExplanations.end(), [line](const Explanation& known) {
    return known.tells == Tells::kBeforePictures && matches(known, line);
  });
}

constexpr std::array<std::string_view, 5> kDecoderNoise = {
    "no frame!", "non-existing PPS", "decode_slice_header error", "error while decoding MB",
    "concealing "};

}  // namespace

std::vector<StderrLine> StderrReader::read(std::string_view bytes) {
  std::vector<StderrLine> lines;
  for (const char c : bytes) {
    if (c == '\n' || c == '\r') {
      end_line(lines);
    } else if (line_.size() < kLongestLine) {
      line_ += c;
    }
  }
  return lines;
}

void StderrReader::end_line(std::vector<StderrLine>& lines) {
  if (line_.empty()) return;
  lines.push_back(parse_line(line_));
  line_.clear();
  StderrLine& ended = lines.back();
  const bool is_warning = ended.level == LogLevel::kWarn;
  if (is_warning && is_usual(ended.text)) ended.level = LogLevel::kDebug;
  if (is_of_tried_copy(ended.text)) ended.level = LogLevel::kDebug;
  // This server has ended ffmpeg.
  if (ended.text.ends_with("Immediate exit requested")) ended.level = LogLevel::kDebug;
  if (ended.level != LogLevel::kError && !(is_warning && tells_before_pictures(ended.text))) return;
  errors_.push_back(lines.back().text);
  if (errors_.size() > kErrorsKept) errors_.pop_front();
}

std::string explain(const std::deque<std::string>& errors, bool had_pictures) {
  for (const Explanation& explanation : kExplanations) {
    if (had_pictures && explanation.tells == Tells::kBeforePictures) continue;
    for (const std::string& error : errors) {
      if (matches(explanation, error)) return std::string(explanation.sentence);
    }
  }
  // Ignore the errors of a decoder that joined in the middle of a GOP: they do not end a run.
  const auto reason = std::find_if(errors.rbegin(), errors.rend(), [](const std::string& error) {
    if (tells_before_pictures(error)) return false;
    return std::none_of(kDecoderNoise.begin(), kDecoderNoise.end(), [&](std::string_view noise) {
      return error.find(noise) != std::string::npos;
    });
  });
  return reason == errors.rend() ? std::string() : mask_credentials(*reason);
}

std::string explain_silence(const std::deque<std::string>& errors) {
  const bool lacks_parameters =
      std::any_of(errors.begin(), errors.end(), [](const std::string& error) {
        return error.find("non-existing PPS") != std::string::npos ||
               error.find("PPS id out of range") != std::string::npos;
      });
  if (!lacks_parameters) return {};
  return "its pictures come without the parameter sets (SPS, PPS) that a decoder needs; set the "
         "camera to send them (sprop, or with each keyframe)";
}

}  // namespace livestream
