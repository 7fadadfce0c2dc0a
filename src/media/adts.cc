#include "media/adts.h"

#include <optional>

#include "media/aac.h"
#include "media/bit_reader.h"

namespace livestream {
namespace {

constexpr std::size_t kHeaderSize = 7;
constexpr std::size_t kChecksumSize = 2;
// Of one channel (ISO/IEC 13818-7 §8.2.2): 6144 bits.
constexpr std::size_t kMostBytes = 768;
constexpr std::uint32_t kLowComplexity = 1;

struct AdtsFrame {
  std::size_t size = 0;
  ByteView unit;
};

// The frame at the start of `bytes`, if there is a whole one of this kind.
std::optional<AdtsFrame> frame_at(ByteView bytes, std::uint32_t sample_rate,
                                  std::uint32_t channels) {
  if (bytes.size() < kHeaderSize || bytes[0] != 0xff || (bytes[1] & 0xf6) != 0xf0) return {};
  BitReader bits(bytes.first(kHeaderSize));
  bits.skip(15);  // sync word, version, layer
  const bool has_checksum = !bits.flag();
  const std::uint32_t profile = bits.bits(2);
  const std::uint32_t rate = aac_sample_rate(bits.bits(4));
  bits.skip(1);
  const std::uint32_t told_channels = bits.bits(3);
  bits.skip(4);
  const std::size_t size = bits.bits(13);
  bits.skip(11);  // fullness of the buffer
  const bool has_one_block = bits.bits(2) == 0;
  const std::size_t head = kHeaderSize + (has_checksum ? kChecksumSize : 0);
  const bool fits = profile == kLowComplexity && rate == sample_rate && told_channels == channels;
  if (!fits || !has_one_block || size <= head || size > bytes.size()) return {};
  const ByteView unit = bytes.subspan(head, size - head);
  if (!may_be_aac_unit(unit, channels)) return {};
  return AdtsFrame{size, unit};
}

// The units of the frames that fill `bytes` to its end; empty if they do not.
std::vector<ByteView> units_of(ByteView bytes, std::uint32_t sample_rate, std::uint32_t channels) {
  std::vector<ByteView> units;
  while (!bytes.empty()) {
    const auto frame = frame_at(bytes, sample_rate, channels);
    if (!frame) return {};
    units.push_back(frame->unit);
    bytes = bytes.subspan(frame->size);
  }
  return units;
}

}  // namespace

std::vector<ByteView> split_adts(ByteView packet, std::uint32_t sample_rate,
                                 std::uint32_t channels) {
  if (!may_be_aac_unit(packet, channels)) return {};
  const std::size_t most = kMostBytes * channels;
  for (std::size_t at = 1; at < packet.size() && at <= most; ++at) {
    std::vector<ByteView> units = units_of(packet.subspan(at), sample_rate, channels);
    if (units.empty()) continue;
    units.insert(units.begin(), packet.first(at));
    return units;
  }
  if (packet.size() > most) return {};
  return {packet};
}

}  // namespace livestream
