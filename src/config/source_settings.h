#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/video_size.h"

namespace livestream {

// The settings of one source: what it is, how it is read, and the ffmpeg that reads it.
struct SourceSettings {
  // "demo" is the built-in test picture.
  std::string video_file = "video.mp4";
  // VIDEO_FILE was not set at all.
  bool video_file_is_default = true;
  bool growing_file = false;
  // A microphone beside a camera; empty: none.
  std::string audio_device;
  // Asked of a camera; unset or empty: the camera's choice.
  std::optional<VideoSize> video_input_size;
  std::string video_input_format;
  // A path, or a name to find in PATH.
  std::string ffmpeg = "ffmpeg";
  // The memory that ffmpeg may ask for; 0: no limit.
  std::uint32_t ffmpeg_memory_mb = 0;
  // Show the last picture, darkened, while the source is away.
  bool slate = true;

  bool operator==(const SourceSettings&) const = default;
};

}  // namespace livestream
