#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

#include "base/bytes.h"

namespace livestream {

// Makes the end of each picture of an MPEG transport stream known with its last packet. A PES
// packet of a picture may tell no length (ISO/IEC 13818-1 §2.4.3.7), and then ffmpeg passes it on
// only when the next one begins: a whole picture later. Its last packet nearly always carries
// stuffing, because a picture seldom fills it: an empty PES packet is put behind that one. Only
// where the sender has proved over some pictures that it stuffs nowhere else; a stream that is not
// one of 188-byte packets goes through as it is.
class PictureEnder {
 public:
  // Appends what of `in`, and of what was kept of the input before, can go on. At most one
  // unfinished packet is kept.
  void write(ByteView in, Bytes& out);

  static constexpr std::size_t kPacket = 188;
  // Pictures that must end with stuffing, and nowhere else, before any is ended here.
  static constexpr int kProof = 10;

 private:
  using Packet = std::array<std::uint8_t, kPacket>;
  // An elementary stream of pictures.
  struct Pictures {
    std::uint8_t stream_id = 0;
    // The PES packet under way tells no length.
    bool is_open = false;
    // Its last packet so far carried stuffing.
    bool was_stuffed = false;
    // An empty PES packet has been put behind it.
    bool is_ended = false;
    int proofs = 0;
    // The sender stuffs within pictures, too.
    bool is_refuted = false;
    // Continuity counters (§2.4.3.3) go up by this, for the packets that were put in.
    std::uint8_t added = 0;
  };

  void pass(Packet& packet, Bytes& out);

  Packet packet_{};
  std::size_t kept_ = 0;
  bool is_other_ = false;
  // By PID.
  std::map<std::uint16_t, Pictures> pictures_;
};

}  // namespace livestream
