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
  // Not a fault: without a parser the sound of an MPEG-TS comes like this.
  if (line == "Multiple frames in a packet.") result.level = LogLevel::kDebug;
  // The encoder learns them from the first picture; where they are needed before, an error follows.
  if (line.starts_with("Could not find codec parameters for stream") ||
      line.find("not enough frames to estimate rate") != std::string_view::npos)
    result.level = LogLevel::kDebug;
  return result;
}

struct Explanation {
  std::string_view pattern;
  std::string_view sentence;
};

// Looked for in this order in all that is remembered: the causes first, what follows from them
// after.
constexpr std::array kExplanations = std::to_array<Explanation>({
    {"moov atom not found",
     "the MP4 is not complete: its index (moov) is not there. Wait until the recording has ended, "
     "or record to MKV, "
     "MPEG-TS or fragmented MP4 (OBS: Settings, Output, Recording Format)"},
    {"Unknown encoder",
     "this ffmpeg does not have the encoder that VIDEO_CODEC asks for: use VIDEO_CODEC=libx264"},
    {"Cannot load libcuda", "the NVIDIA driver is not there: use VIDEO_CODEC=libx264"},
    {"No VA display", "there is no VA-API device (/dev/dri/renderD128): use VIDEO_CODEC=libx264"},
    {"Cannot allocate memory", "ffmpeg ran out of memory: see FFMPEG_MEMORY_MB"},
    {"malloc of size", "ffmpeg ran out of memory: see FFMPEG_MEMORY_MB"},
    {"pthread_create failed", "ffmpeg ran out of memory or threads: see FFMPEG_MEMORY_MB"},
    {"Incorrect passphrase", "the SRT passphrase is wrong: both ends need the same one"},
    {"BADSECRET", "the SRT passphrase is wrong: both ends need the same one"},
    {"461 ",
     "the camera refuses this way of sending (461): set RTSP_TRANSPORT to udp, tcp or multicast"},
    {"453 Not Enough Bandwidth",
     "the camera serves no more viewers (453): close other connections to it"},
    {"An unexpected TLS packet was received",
     "the source does not speak TLS at this port: use http:// or rtsp:// instead of https:// or "
     "rtsps://"},
    {"The certificate", "the source's TLS certificate is not trusted"},
    {"Cannot read RTMP handshake response", "no RTMP server answers at the source's address"},
    {"Cannot open video device",
     "there is no such camera: check the name and that it is plugged in (ls /dev/video*)"},
    {"unspecified size",
     "the source's video does not describe itself: set the camera to send SPS and PPS (sprop) with "
     "each keyframe, or to plain H.264"},
    {"Server returned 4XX",
     "the source's server refuses the request (4xx): it may limit the number of requests or need "
     "another address"},
    {"400 Bad Request", "the source's server does not understand the request (400 Bad Request)"},
    {"Format not on whitelist",
     "the file is not a video that is served: still pictures and playlists are not opened from "
     "files"},
    {"401 Unauthorized",
     "the source asks for a user and password: put them into the URL "
     "(scheme://user:password@host)"},
    {"403 Forbidden", "the source refuses access (403 Forbidden)"},
    {"404 Not Found", "the source does not exist at this address (404 Not Found)"},
    {"454 Session Not Found", "the camera has lost the session (454)"},
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
    {"No such file or directory", "the source does not exist (No such file or directory)"},
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
    {"Protocol not found",
     "this ffmpeg was built without the source's protocol: install a full ffmpeg"},
    {"Invalid data found when processing input",
     "the source is not a video that ffmpeg understands, perhaps a web page or a text: give the "
     "address of the stream itself (Invalid data)"},
    {"End of file", "the source ended before anything came"},
});

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
  if (lines.back().level != LogLevel::kError) return;
  errors_.push_back(lines.back().text);
  if (errors_.size() > kErrorsKept) errors_.pop_front();
}

std::string explain(const std::deque<std::string>& errors) {
  for (const Explanation& explanation : kExplanations) {
    for (const std::string& error : errors) {
      if (error.find(explanation.pattern) != std::string::npos)
        return std::string(explanation.sentence);
    }
  }
  // Ignore the errors of a decoder that joined in the middle of a GOP: they do not end a run.
  const auto reason = std::find_if(errors.rbegin(), errors.rend(), [](const std::string& error) {
    return std::none_of(kDecoderNoise.begin(), kDecoderNoise.end(), [&](std::string_view noise) {
      return error.find(noise) != std::string::npos;
    });
  });
  return reason == errors.rend() ? std::string() : mask_credentials(*reason);
}

}  // namespace livestream
