#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/frame_rate.h"
#include "base/log.h"
#include "base/result.h"

namespace livestream {

// Output size in samples, both even and >= 2 once an encoder has it.
struct VideoSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool operator==(const VideoSize&) const = default;
};

// Everything that a user can set, checked for form; immutable once loaded. Whether the source
// exists is not form: that is found out, and retried, while the server serves.
struct Config {
  // The source. "demo" is the built-in test picture.
  std::string video_file = "video.mp4";
  bool video_file_is_default = true;  // VIDEO_FILE was not set at all
  bool growing_file = false;
  std::string audio_device;                   // AUDIO_DEVICE, beside a camera
  std::optional<VideoSize> video_input_size;  // VIDEO_INPUT_SIZE, asked of a camera
  std::string video_input_format;  // VIDEO_INPUT_FORMAT, asked of a camera: mjpeg, h264, yuyv422

  // Encoding.
  FrameRate video_fps = {30, 1};
  std::optional<double> video_quality;  // 0..1; wins over crf and resolution
  int video_crf = 23;                   // 1..51
  std::optional<VideoSize> video_resolution;
  std::string video_codec = "libx264";  // or "copy", or another H.264 encoder of ffmpeg's
  std::string video_preset = "ultrafast";
  std::string video_profile = "baseline";
  std::optional<std::uint64_t> video_maxrate_bps;
  std::uint32_t audio_bitrate_bps = 128'000;
  std::string ffmpeg = "ffmpeg";       // a path or a name to find in PATH
  std::uint32_t ffmpeg_memory_mb = 0;  // that it may ask for; 0: no limit
  bool slate = true;                   // show a picture of our own while the source is away

  // Serving.
  std::string host = "0.0.0.0";
  std::uint16_t port = 8000;  // 0 picks a free one
  std::uint32_t max_clients = 100;
  // DELIVERY_INTERVAL_MS; unset: once per video frame.
  std::optional<std::chrono::milliseconds> delivery_interval;
  unsigned workers = 0;  // 0: one per core
  std::string cors_origin =
      "*";  // origins that may read, comma between them; empty: none but our own
  std::uint32_t max_connections_per_address = 256;                    // 0: no limit
  std::uint32_t max_requests_per_second = 200;                        // per address; 0: no limit
  std::vector<std::string> trusted_proxies = {"127.0.0.0/8", "::1"};  // addresses and networks
  std::string web_root;  // --web-root: serve the player from disk (development)
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;

  // To be logged at start: what was raised, rounded or ignored, and why.
  std::vector<std::string> notices;
};

// The names of all settings that the environment and `.env` may hold.
[[nodiscard]] std::vector<std::string> setting_keys();

using Environment = std::map<std::string, std::string>;

// What the command line asks for instead of serving.
enum class Action { kServe, kCheck, kPrintAndExit };

struct Invocation {
  Action action = Action::kServe;
  Config config;
  // kPrintAndExit (--help, --version): the text; kCheck: the effective configuration, masked.
  std::string output;
};

// Flags win over the environment, that over the file `.env` in `directory` (a missing one is fine),
// that over the defaults. An error names the key as the user wrote it (or the .env line), the value
// and what is allowed.
[[nodiscard]] Result<Invocation> load_config(const std::vector<std::string>& arguments,
                                             const Environment& environment,
                                             const std::string& directory);

}  // namespace livestream
