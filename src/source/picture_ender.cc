#include "source/picture_ender.h"

#include <algorithm>
#include <optional>

namespace livestream {
namespace {

constexpr std::uint8_t kSync = 0x47;
constexpr std::size_t kHeader = 4;
constexpr std::size_t kMostStreams = 16;
// A PES header of the shortest form: without stamps, and without a length.
constexpr std::array<std::uint8_t, 9> kEmptyPes = {0, 0, 1, 0, 0, 0, 0x80, 0, 0};

using Packet = std::array<std::uint8_t, PictureEnder::kPacket>;

std::uint16_t pid_of(const Packet& packet) {
  return static_cast<std::uint16_t>((packet[1] & 0x1f) << 8 | packet[2]);
}
bool begins_unit(const Packet& packet) { return (packet[1] & 0x40) != 0; }
bool is_damaged(const Packet& packet) { return (packet[1] & 0x80) != 0; }
bool is_scrambled(const Packet& packet) { return (packet[3] & 0xc0) != 0; }
bool has_adaptation(const Packet& packet) { return (packet[3] & 0x20) != 0; }
bool has_payload(const Packet& packet) { return (packet[3] & 0x10) != 0; }

std::size_t payload_at(const Packet& packet) {
  return has_adaptation(packet) ? kHeader + 1 + packet[kHeader] : kHeader;
}

// Whether the adaptation field (§2.4.3.4) is longer than what it tells.
bool is_stuffed(const Packet& packet) {
  if (!has_adaptation(packet)) return false;
  const std::size_t length = packet[kHeader];
  if (length == 0) return true;
  const std::uint8_t flags = packet[kHeader + 1];
  std::size_t told = 1;
  if ((flags & 0x10) != 0) told += 6;
  if ((flags & 0x08) != 0) told += 6;
  if ((flags & 0x04) != 0) told += 1;
  for (const int flag : {0x02, 0x01}) {
    if ((flags & flag) == 0) continue;
    const std::size_t at = kHeader + 1 + told;
    if (at >= packet.size()) return false;
    told += std::size_t{1} + packet[at];
  }
  return told < length;
}

struct PesStart {
  std::uint8_t stream_id = 0;
  bool tells_length = false;
};

// The PES packet of pictures that begins in the packet.
std::optional<PesStart> pes_of_pictures(const Packet& packet) {
  if (!begins_unit(packet) || !has_payload(packet)) return std::nullopt;
  const std::size_t at = payload_at(packet);
  if (at + 6 > packet.size()) return std::nullopt;
  if (packet[at] != 0 || packet[at + 1] != 0 || packet[at + 2] != 1) return std::nullopt;
  const std::uint8_t stream_id = packet[at + 3];
  if ((stream_id & 0xf0) != 0xe0) return std::nullopt;
  return PesStart{stream_id, packet[at + 4] != 0 || packet[at + 5] != 0};
}

void add_empty_pes(const Packet& after, std::uint8_t stream_id, Bytes& out) {
  Packet packet;
  packet.fill(0xff);
  const auto counter = static_cast<std::uint8_t>((after[3] + 1) & 0x0f);
  packet[0] = kSync;
  packet[1] = static_cast<std::uint8_t>(0x40 | (after[1] & 0x1f));
  packet[2] = after[2];
  packet[3] = static_cast<std::uint8_t>(0x30 | counter);
  packet[4] = static_cast<std::uint8_t>(packet.size() - kHeader - 1 - kEmptyPes.size());
  packet[5] = 0;
  auto* const pes = packet.end() - kEmptyPes.size();
  std::copy(kEmptyPes.begin(), kEmptyPes.end(), pes);
  pes[3] = stream_id;
  out.insert(out.end(), packet.begin(), packet.end());
}

}  // namespace

void PictureEnder::write(ByteView in, Bytes& out) {
  while (!in.empty() && !is_other_) {
    if (kept_ == 0 && in.front() != kSync) {
      is_other_ = true;
      break;
    }
    const std::size_t taken = std::min(in.size(), kPacket - kept_);
    std::copy_n(in.begin(), taken, packet_.begin() + static_cast<std::ptrdiff_t>(kept_));
    in = in.subspan(taken);
    kept_ += taken;
    if (kept_ < kPacket) return;
    kept_ = 0;
    pass(packet_, out);
  }
  out.insert(out.end(), in.begin(), in.end());
}

void PictureEnder::pass(Packet& packet, Bytes& out) {
  const auto start = pes_of_pictures(packet);
  auto found = pictures_.find(pid_of(packet));
  if (found == pictures_.end() && start && pictures_.size() < kMostStreams)
    found = pictures_.emplace(pid_of(packet), Pictures{}).first;
  if (found == pictures_.end()) {
    out.insert(out.end(), packet.begin(), packet.end());
    return;
  }
  Pictures& pictures = found->second;
  if (is_damaged(packet) || is_scrambled(packet)) pictures.is_refuted = true;
  if (start) {
    if (pictures.was_stuffed) ++pictures.proofs;
    pictures.stream_id = start->stream_id;
    pictures.is_open = !start->tells_length;
    pictures.is_ended = false;
  } else if (has_payload(packet) && pictures.was_stuffed) {
    pictures.is_refuted = true;
  }
  if (has_payload(packet)) pictures.was_stuffed = is_stuffed(packet);
  packet[3] = static_cast<std::uint8_t>((packet[3] & 0xf0) | ((packet[3] + pictures.added) & 0x0f));
  out.insert(out.end(), packet.begin(), packet.end());
  if (!pictures.is_open || !pictures.was_stuffed || pictures.is_ended) return;
  if (pictures.is_refuted || pictures.proofs < kProof) return;
  add_empty_pes(packet, pictures.stream_id, out);
  pictures.is_ended = true;
  pictures.added = (pictures.added + 1) & 0x0f;
}

}  // namespace livestream
