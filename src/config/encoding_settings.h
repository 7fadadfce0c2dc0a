#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/frame_rate.h"
#include "config/video_size.h"

namespace livestream {

// How the source's sound is sent. kAuto: AAC-LC of one or two channels is passed through, unless
// a bitrate is set; all else is encoded. kAac: all is encoded.
enum class AudioCodec : std::uint8_t { kAuto, kAac };

constexpr std::uint32_t kDefaultAudioBitrateBps = 128'000;

// The settings of the encoders that make one stream.
struct EncodingSettings {
  FrameRate video_fps = {30, 1};
  // 0..1; wins over video_crf and video_resolution.
  std::optional<double> video_quality;
  // 1..51
  int video_crf = 23;
  // Even sides; unset: the source's size.
  std::optional<VideoSize> video_resolution;
  std::optional<std::uint64_t> video_maxrate_bps;
  // libx264, another H.264 encoder of ffmpeg, or `copy`.
  std::string video_codec = "libx264";
  std::string video_preset = "ultrafast";
  std::string video_profile = "baseline";
  AudioCodec audio_codec = AudioCodec::kAuto;
  // Unset: kDefaultAudioBitrateBps for sound that is encoded.
  std::optional<std::uint32_t> audio_bitrate_bps;

  bool operator==(const EncodingSettings&) const = default;
};

}  // namespace livestream
