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

  // Returns the packets completed by `bytes`. An error is permanent: do not call read() again.
  [[nodiscard]] virtual Result<std::vector<Packet>> read(ByteView bytes) = 0;
};

}  // namespace livestream
