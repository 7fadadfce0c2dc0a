#include "media/adts.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/aac.h"

namespace livestream {
namespace {

constexpr std::uint32_t kRate = 48'000;

// A unit of a channel pair.
Bytes unit(std::size_t size, std::uint8_t fill) {
  Bytes bytes(size, fill);
  bytes[0] = 0x21;
  return bytes;
}

Bytes header(std::size_t unit_size, std::uint8_t rate_index = 3, bool checksum = false) {
  const std::size_t size = unit_size + (checksum ? 9 : 7);
  Bytes bytes = {0xff,
                 static_cast<std::uint8_t>(checksum ? 0xf0 : 0xf1),
                 static_cast<std::uint8_t>(0x40 | rate_index << 2),
                 static_cast<std::uint8_t>(0x80 | size >> 11),
                 static_cast<std::uint8_t>(size >> 3),
                 static_cast<std::uint8_t>(size << 5 | 0x1f),
                 0xfc};
  if (checksum) bytes.insert(bytes.end(), {0x12, 0x34});
  return bytes;
}

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

std::vector<Bytes> split(const Bytes& packet, std::uint32_t channels = 2) {
  std::vector<Bytes> units;
  for (const ByteView view : split_adts(packet, kRate, channels))
    units.emplace_back(view.begin(), view.end());
  return units;
}

TEST(SplitAdts, OneFrameIsOneUnit) {
  EXPECT_EQ(split(unit(200, 7)), std::vector<Bytes>{unit(200, 7)});
}

TEST(SplitAdts, FindsTheFramesBehindTheFirstOne) {
  const Bytes packet = unit(200, 1) + header(90) + unit(90, 2) + header(400, 3, true) +
                       unit(400, 0xff) + header(2) + unit(2, 3);
  EXPECT_EQ(split(packet),
            (std::vector<Bytes>{unit(200, 1), unit(90, 2), unit(400, 0xff), unit(2, 3)}));
}

TEST(SplitAdts, APacketThatEndsWithinAFrameHasNone) {
  const Bytes whole = unit(900, 1) + header(900) + unit(900, 2) + header(900) + unit(900, 3);
  EXPECT_EQ(split(whole).size(), 3U);
  for (std::size_t cut = 1600; cut < whole.size(); ++cut) {
    if (cut == 900 + 907) continue;
    EXPECT_TRUE(
        split(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut))).empty())
        << cut;
  }
}

TEST(SplitAdts, OtherSoundHasNone) {
  EXPECT_TRUE(split(unit(900, 1) + header(900, 4) + unit(900, 2)).empty());
  EXPECT_TRUE(split(unit(200, 1), 1).empty());
  EXPECT_TRUE(split({}).empty());
  EXPECT_TRUE(split(Bytes(100, 0x02)).empty());
}

TEST(AacLcConfiguration, IsReadAsItIsMeant) {
  EXPECT_EQ(aac_lc_configuration(44'100, 2), (Bytes{0x12, 0x10, 0x56, 0xe5, 0x00}));
  for (const std::uint32_t rate : {8'000U, 16'000U, 24'000U, 32'000U, 48'000U}) {
    for (const std::uint32_t channels : {1U, 2U}) {
      const auto read = read_aac_configuration(aac_lc_configuration(rate, channels));
      ASSERT_TRUE(read);
      EXPECT_EQ(read->object_type, 2U);
      EXPECT_EQ(read->sample_rate, rate);
      EXPECT_EQ(read->channels, channels);
      EXPECT_FALSE(read->replicates_spectrum);
    }
  }
}

TEST(AacConfiguration, TellsOfReplicationThatIsAdded) {
  const auto read = read_aac_configuration(Bytes{0x13, 0x10, 0x56, 0xe5, 0xa0});
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->replicates_spectrum);
}

}  // namespace
}  // namespace livestream
