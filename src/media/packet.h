#pragma once

#include <optional>
#include <variant>

#include "media/sample.h"
#include "media/track.h"

namespace livestream {

// The container's metadata of the whole stream; missing values are absent.
struct ContainerInfo {
  std::optional<double> frame_rate;
  std::optional<bool> has_video;
  std::optional<bool> has_audio;
};

// A packet from a PacketReader for a Fragmenter.
using Packet = std::variant<ContainerInfo, Track, Sample>;

}  // namespace livestream
