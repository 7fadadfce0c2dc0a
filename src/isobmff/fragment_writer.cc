#include "isobmff/fragment_writer.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/check.h"
#include "isobmff/box_writer.h"
#include "media/fragment.h"

namespace livestream {
namespace {

// tfhd flags, §8.8.7
constexpr std::uint32_t kDefaultDuration = 0x000008;
constexpr std::uint32_t kDefaultFlags = 0x000020;
constexpr std::uint32_t kDefaultBaseIsMoof = 0x020000;
// trun flags, §8.8.8
constexpr std::uint32_t kDataOffset = 0x000001;
constexpr std::uint32_t kSampleSize = 0x000200;
constexpr std::uint32_t kCompositionOffset = 0x000800;
// sample flags, §8.8.3.1
constexpr std::uint32_t kSync = 0x02000000;     // depends on no other
constexpr std::uint32_t kNonSync = 0x01010000;  // depends on others, no random access point

constexpr std::size_t kPrftSize = 32;
// moof, mfhd, traf, tfhd, tfdt, and trun without its list of samples
constexpr std::size_t kMoofSize = 8 + 16 + 8 + 24 + 20 + 20;
constexpr std::size_t kMdatHeaderSize = 8;

// 32.32 fixed point since 1900, RFC 5905 §6.
std::uint64_t ntp_time(WallTime time) {
  constexpr std::int64_t kFrom1900To1970 = 2'208'988'800;
  constexpr std::int64_t kMicros = 1'000'000;
  const std::int64_t micros =
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  const std::int64_t seconds = micros / kMicros - (micros % kMicros < 0 ? 1 : 0);
  const auto rest = static_cast<std::uint64_t>(micros - seconds * kMicros);
  return static_cast<std::uint64_t>(seconds + kFrom1900To1970) << 32 | (rest << 32) / kMicros;
}

void write_prft(ByteWriter& writer, const FragmentHeader& header, std::int32_t composition_offset) {
  constexpr std::uint32_t kOutputOfEncoder = 1;
  const BoxWriter prft(writer, "prft", 1, kOutputOfEncoder);
  writer.u32(header.track_id);
  writer.u64(ntp_time(*header.received));
  writer.u64(static_cast<std::uint64_t>(header.decode_time.ticks + composition_offset));
}

void write_moof(ByteWriter& writer, const FragmentHeader& header,
                std::span<const FragmentSample> samples, bool has_offsets, std::size_t moof_size) {
  const BoxWriter moof(writer, "moof");
  {
    const BoxWriter mfhd(writer, "mfhd", 0, 0);
    writer.u32(static_cast<std::uint32_t>(public_number(header.sequence)));
  }
  const BoxWriter traf(writer, "traf");
  {
    const BoxWriter tfhd(writer, "tfhd", 0, kDefaultBaseIsMoof | kDefaultDuration | kDefaultFlags);
    writer.u32(header.track_id);
    writer.u32(header.sample_duration);
    writer.u32(header.sync ? kSync : kNonSync);
  }
  {
    const BoxWriter tfdt(writer, "tfdt", 1, 0);
    writer.u64(static_cast<std::uint64_t>(header.decode_time.ticks));
  }
  const BoxWriter trun(writer, "trun", 1,
                       kDataOffset | kSampleSize | (has_offsets ? kCompositionOffset : 0));
  writer.u32(static_cast<std::uint32_t>(samples.size()));
  writer.u32(static_cast<std::uint32_t>(moof_size + kMdatHeaderSize));
  for (const FragmentSample& sample : samples) {
    writer.u32(static_cast<std::uint32_t>(sample.data.size()));
    if (has_offsets) writer.u32(static_cast<std::uint32_t>(sample.composition_offset));
  }
}

}  // namespace

Bytes write_fragment(const FragmentHeader& header, std::span<const FragmentSample> samples) {
  CHECK(!samples.empty() && header.decode_time.ticks >= 0);
  const bool has_offsets = std::any_of(samples.begin(), samples.end(), [](const auto& sample) {
    return sample.composition_offset != 0;
  });
  std::size_t data_size = 0;
  for (const FragmentSample& sample : samples) data_size += sample.data.size();
  const std::size_t moof_size = kMoofSize + samples.size() * (has_offsets ? 8 : 4);
  const std::size_t size =
      (header.received ? kPrftSize : 0) + moof_size + kMdatHeaderSize + data_size;

  ByteWriter writer;
  writer.reserve(size);
  if (header.received) write_prft(writer, header, samples.front().composition_offset);
  write_moof(writer, header, samples, has_offsets, moof_size);
  {
    const BoxWriter mdat(writer, "mdat");
    for (const FragmentSample& sample : samples) writer.bytes(sample.data);
  }
  CHECK(writer.size() == size);
  return writer.take();
}

}  // namespace livestream
