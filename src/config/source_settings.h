#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "config/track_wish.h"
#include "config/video_size.h"
#include "config/video_variant.h"

namespace livestream {

// How an RTSP camera sends. kAuto: over TCP, or over UDP when the camera refuses TCP.
enum class RtspTransport : std::uint8_t { kAuto, kTcp, kUdp, kMulticast, kHttp };

// Where a playlist or redirect of a source on the public Internet may lead. kSafe: not to private
// or loopback addresses.
enum class SourceAddresses : std::uint8_t { kSafe, kAny };

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
  // How long the source may send nothing; unset: a limit by the kind of source.
  std::optional<std::chrono::milliseconds> source_timeout;
  RtspTransport rtsp_transport = RtspTransport::kAuto;
  // Unset: the source's default track.
  std::optional<TrackWish> video_track;
  std::optional<TrackWish> audio_track;
  VideoVariant video_variant;
  // Whether the stream has sound when the source has.
  bool audio = true;
  SourceAddresses source_addresses = SourceAddresses::kSafe;
  // A path, or a name to find in PATH.
  std::string ffmpeg = "ffmpeg";
  // The memory that ffmpeg may ask for; 0: no limit.
  std::uint32_t ffmpeg_memory_mb = 0;
  // Show the last picture, darkened, while the source is away.
  bool slate = true;

  bool operator==(const SourceSettings&) const = default;
};

}  // namespace livestream
