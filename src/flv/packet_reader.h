#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/packet.h"

namespace livestream {

// Turns a container's bytes, in slices of any size, into packets in the order in which they came. A
// Track precedes the first sample of its kind and comes again when its parameters change. One
// reader reads one run of the producer.
class PacketReader {
 public:
  virtual ~PacketReader() = default;

  // Packets completed by `bytes`. An error means that the stream is bad for good: no further call
  // makes sense.
  [[nodiscard]] virtual Result<std::vector<Packet>> read(ByteView bytes) = 0;
};

}  // namespace livestream
