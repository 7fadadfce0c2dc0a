#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace livestream {

enum class TrackKind : std::uint8_t { kVideo, kAudio };

// Track ids of every stream (`track_ID`, ISO/IEC 14496-12 §8.3.2). State messages are not a
// track of the moov, but travel through the log beside the tracks, with an id of their own.
inline constexpr std::uint32_t kMessageTrackId = 0;
inline constexpr std::uint32_t kVideoTrackId = 1;
inline constexpr std::uint32_t kAudioTrackId = 2;

// One coded stream in a moov.
struct Track {
  TrackKind kind = TrackKind::kVideo;
  std::uint32_t timescale = 0;  // of its decode times and durations; audio: the sample rate
  std::string codec;            // RFC 6381, e.g. avc1.42C01F, mp4a.40.2
  Bytes decoder_config;         // video: AVCDecoderConfigurationRecord; audio: AudioSpecificConfig
  std::uint32_t width = 0;      // video: coded size after cropping, in samples
  std::uint32_t height = 0;
  std::uint32_t channels = 0;  // audio
  [[nodiscard]] std::uint32_t id() const {
    return kind == TrackKind::kVideo ? kVideoTrackId : kAudioTrackId;
  }
  bool operator==(const Track&) const = default;
};

// A choice of tracks, as a cursor makes it and as an init segment describes it.
struct TrackSelection {
  bool video = true;
  bool audio = true;
  [[nodiscard]] bool has(std::uint32_t track_id) const {
    return track_id == kMessageTrackId || (track_id == kVideoTrackId && video) ||
           (track_id == kAudioTrackId && audio);
  }
  bool operator==(const TrackSelection&) const = default;
};

}  // namespace livestream
