#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/sample.h"
#include "media/track.h"

namespace livestream {

// What the container says of the whole stream; a value that it does not give is absent.
struct ContainerInfo {
  std::optional<double> frame_rate;
  std::optional<bool> has_video;
  std::optional<bool> has_audio;
};

using Packet = std::variant<ContainerInfo, Track, Sample>;

// Turns a container's bytes, in slices of any size, into packets in the order in which they came. A Track precedes the
// first sample of its kind and comes again when its parameters change. One reader reads one run of the producer.
class PacketReader {
 public:
  virtual ~PacketReader() = default;

  // Packets completed by `bytes`. An error means that the stream is bad for good: no further call makes sense.
  [[nodiscard]] virtual Result<std::vector<Packet>> read(ByteView bytes) = 0;
};

}  // namespace livestream
