#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/video_size.h"

namespace livestream {

// The choice among the variants of an HLS or DASH source.
struct VideoVariant {
  enum class Rule : std::uint8_t {
    // The best one that fits VIDEO_RESOLUTION.
    kAuto,
    kHighest,
    kLowest,
    // size.height, size.width is 0.
    kHeight,
    kSize,
    // The best one of at most bitrate_bps.
    kBitrate,
  };
  Rule rule = Rule::kAuto;
  VideoSize size;
  std::uint64_t bitrate_bps = 0;

  bool operator==(const VideoVariant&) const = default;
};

// auto, highest, lowest, 720p, 1280x720, 2M; in any case.
[[nodiscard]] std::optional<VideoVariant> parse_video_variant(std::string_view text);
[[nodiscard]] std::string print(const VideoVariant& variant);

}  // namespace livestream
