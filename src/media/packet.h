#pragma once

#include <optional>
#include <variant>

#include "media/sample.h"
#include "media/track.h"

namespace livestream {

// What the container says of the whole stream; a value that it does not give is absent.
struct ContainerInfo {
  std::optional<double> frame_rate;
  std::optional<bool> has_video;
  std::optional<bool> has_audio;
};

// What a PacketReader finds and a Fragmenter takes.
using Packet = std::variant<ContainerInfo, Track, Sample>;

}  // namespace livestream
