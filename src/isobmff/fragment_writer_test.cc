#include "isobmff/fragment_writer.h"

#include <chrono>

#include <gtest/gtest.h>

#include "isobmff/parsed_fragment_for_test.h"

namespace livestream {
namespace {

const Bytes kFirst = {1, 2, 3};
const Bytes kSecond = {4, 5};

FragmentHeader header() {
  FragmentHeader header;
  header.sequence = 0x1'0000'0007;
  header.track_id = 2;
  header.decode_time = {0x1'2345'6789, 48000};
  header.sample_duration = 1024;
  return header;
}

TEST(FragmentWriter, WritesSamplesThatAReaderFindsAgain) {
  const FragmentSample samples[] = {{kFirst, 0}, {kSecond, 0}};
  const Bytes bytes = write_fragment(header(), samples);
  const ParsedFragment parsed = parse_fragment(bytes);
  EXPECT_EQ(parsed.number, 14U);
  EXPECT_EQ(parsed.track_id, 2U);
  EXPECT_EQ(parsed.decode_time, 0x1'2345'6789U);
  EXPECT_EQ(parsed.sample_duration, 1024U);
  EXPECT_EQ(parsed.sample_flags, 0x02000000U);
  EXPECT_FALSE(parsed.reference);
  EXPECT_EQ(parsed.samples, (std::vector<ParsedFragment::Sample>{{kFirst, 0}, {kSecond, 0}}));
}

TEST(FragmentWriter, AllocatesOnceAndAddsLittle) {
  const FragmentSample sample{kFirst, 0};
  const Bytes bytes = write_fragment(header(), {&sample, 1});
  EXPECT_EQ(bytes.capacity(), bytes.size());
  EXPECT_EQ(bytes.size(), 108U + kFirst.size());
}

TEST(FragmentWriter, KeepsSignedCompositionOffsets) {
  const FragmentSample samples[] = {{kFirst, -1000}, {kSecond, 0}};
  FragmentHeader non_sync = header();
  non_sync.sync = false;
  const ParsedFragment parsed = parse_fragment(write_fragment(non_sync, samples));
  EXPECT_EQ(parsed.sample_flags, 0x01010000U);
  EXPECT_EQ(parsed.samples[0].composition_offset, -1000);
  EXPECT_EQ(parsed.samples[1].composition_offset, 0);
}

TEST(FragmentWriter, TellsWhenTheFrameWasReceived) {
  FragmentHeader received = header();
  received.received = WallTime(std::chrono::milliseconds(1'700'000'000'250));
  const FragmentSample sample{kFirst, 5};
  const ParsedFragment parsed = parse_fragment(write_fragment(received, {&sample, 1}));
  ASSERT_TRUE(parsed.reference);
  EXPECT_EQ(parsed.reference->track_id, 2U);
  EXPECT_EQ(parsed.reference->ntp_time,
            (std::uint64_t{1'700'000'000 + 2'208'988'800} << 32) + (1ULL << 30));
  EXPECT_EQ(parsed.reference->media_time, 0x1'2345'6789U + 5);  // when it is shown
}

}  // namespace
}  // namespace livestream
