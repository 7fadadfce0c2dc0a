#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "isobmff/box_reader.h"

namespace livestream {

// A fragment's content, parsed from its bytes independently of the writer.
struct ParsedFragment {
  struct Sample {
    Bytes data;
    std::int32_t composition_offset = 0;
    bool operator==(const Sample&) const = default;
  };
  struct Reference {
    std::uint32_t track_id = 0;
    std::uint64_t ntp_time = 0;
    std::uint64_t media_time = 0;
  };
  std::optional<Reference> reference;
  std::uint32_t number = 0;
  std::uint32_t track_id = 0;
  std::uint32_t sample_duration = 0;
  std::uint32_t sample_flags = 0;
  std::uint64_t decode_time = 0;
  std::vector<Sample> samples;
};

inline ParsedFragment parse_fragment(ByteView bytes) {
  ParsedFragment parsed;
  BoxReader boxes(bytes);
  Box box;
  EXPECT_EQ(boxes.next(box), BoxOutcome::kComplete);
  if (box.type == "prft") {
    ByteReader prft(box.payload);
    EXPECT_EQ(prft.u8(), 1);
    prft.skip(3);
    auto& reference = parsed.reference.emplace();
    reference.track_id = prft.u32();
    reference.ntp_time = prft.u64();
    reference.media_time = prft.u64();
    EXPECT_TRUE(prft.ok() && prft.remaining() == 0);
    EXPECT_EQ(boxes.next(box), BoxOutcome::kComplete);
  }
  const Box moof = box;
  EXPECT_EQ(moof.type, "moof");
  EXPECT_EQ(boxes.next(box), BoxOutcome::kComplete);
  EXPECT_EQ(box.type, "mdat");
  EXPECT_TRUE(boxes.rest().empty());

  ByteReader mfhd(find_box(moof.payload, "mfhd").value().payload);
  mfhd.skip(4);
  parsed.number = mfhd.u32();
  ByteReader tfhd(find_box(moof.payload, "traf/tfhd").value().payload);
  EXPECT_EQ(tfhd.u32(), 0x020028U);  // default-base-is-moof, default duration and flags
  parsed.track_id = tfhd.u32();
  parsed.sample_duration = tfhd.u32();
  parsed.sample_flags = tfhd.u32();
  EXPECT_TRUE(tfhd.ok() && tfhd.remaining() == 0);
  ByteReader tfdt(find_box(moof.payload, "traf/tfdt").value().payload);
  EXPECT_EQ(tfdt.u32(), 0x01000000U);
  parsed.decode_time = tfdt.u64();

  ByteReader trun(find_box(moof.payload, "traf/trun").value().payload);
  const std::uint32_t version_and_flags = trun.u32();
  EXPECT_EQ(version_and_flags & ~0x800U, 0x01000201U);
  const bool has_offsets = (version_and_flags & 0x800) != 0;
  const std::uint32_t count = trun.u32();
  const ByteView from_moof =
      bytes.subspan(static_cast<std::size_t>(moof.whole.data() - bytes.data()));
  ByteReader data(from_moof);
  data.skip(trun.u32());
  for (std::uint32_t i = 0; i < count; ++i) {
    ParsedFragment::Sample sample;
    const ByteView view = data.bytes(trun.u32());
    sample.data.assign(view.begin(), view.end());
    if (has_offsets) sample.composition_offset = static_cast<std::int32_t>(trun.u32());
    parsed.samples.push_back(std::move(sample));
  }
  EXPECT_TRUE(trun.ok() && trun.remaining() == 0);
  EXPECT_TRUE(data.ok() && data.remaining() == 0);
  return parsed;
}

}  // namespace livestream
