#include "source/growing_file.h"

#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::HasSubstr;

Bytes box(const std::string& type, std::size_t size, std::uint32_t declared) {
  ByteWriter writer;
  writer.u32(declared);
  writer.text(type);
  writer.zeros(size - 8);
  return writer.take();
}
Bytes box(const std::string& type, std::size_t size) {
  return box(type, size, static_cast<std::uint32_t>(size));
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::optional<GrowingContainer> container(const Bytes& head) {
  const auto result = container_of(head);
  EXPECT_TRUE(result);
  return result.value_or(std::nullopt);
}

TEST(GrowingFile, TellsContainersByTheirFirstBytes) {
  EXPECT_EQ(container({0x1a, 0x45, 0xdf, 0xa3, 1, 2, 3, 4}), GrowingContainer::kMatroska);
  Bytes ts(189, 0xff);
  ts[0] = ts[188] = 0x47;
  EXPECT_EQ(container(ts), GrowingContainer::kMpegTs);
  const Bytes fragmented = joined({box("ftyp", 28), box("free", 8), box("moov", 600)});
  EXPECT_EQ(container(fragmented), GrowingContainer::kMp4);
  const Bytes segment = joined({box("styp", 24), box("moof", 200)});
  EXPECT_EQ(container(segment), GrowingContainer::kMp4);
}

TEST(GrowingFile, RefusesAnMp4WithoutIndexAndSaysWhatToRecord) {
  for (const Bytes& head : {joined({box("ftyp", 32), box("free", 8), box("mdat", 64, 0)}),
                            joined({box("ftyp", 32), box("mdat", 64, 1)})}) {
    const auto result = container_of(head);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("record to MKV, MPEG-TS or fragmented MP4"));
  }
}

TEST(GrowingFile, RefusesOtherContainers) {
  EXPECT_FALSE(container_of(as_bytes("RIFF\1\2\3\4AVI LIST")));
  Bytes not_ts(400, 0);
  not_ts[0] = 0x47;
  EXPECT_FALSE(container_of(not_ts));
}

TEST(GrowingFile, EveryTruncationWaitsForMore) {
  const Bytes head = joined({box("ftyp", 28), box("free", 16), box("moov", 100)});
  for (std::size_t cut = 0; cut < 28 + 16 + 16; ++cut) {
    const auto result = container_of(ByteView(head).first(cut));
    ASSERT_TRUE(result) << cut;
    EXPECT_FALSE(*result) << cut;
  }
}

TEST(GrowingFile, HostileSizesEndTheWalk) {
  EXPECT_FALSE(container(joined({box("ftyp", 28, 0), box("moov", 64)})));
  EXPECT_FALSE(container(joined({box("ftyp", 28, 7), box("moov", 64)})));
  EXPECT_FALSE(container(joined({box("ftyp", 28, 0xffffffff), box("moov", 64)})));
}

TEST(GrowingFile, WhatIsNotARegularFileIsRefusedWithoutWaiting) {
  const std::string fifo = testing::TempDir() + "growing.fifo";
  ::unlink(fifo.c_str());
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path : {fifo, std::string("/dev/null"), testing::TempDir()}) {
    const auto container = inspect_growing_file(path);
    ASSERT_FALSE(container) << path;
    EXPECT_THAT(container.error().message, testing::HasSubstr("not a regular file")) << path;
  }
  ::unlink(fifo.c_str());
}

TEST(GrowingFile, AMissingFileIsWaitedFor) {
  const auto result = inspect_growing_file("/nonexistent/rec.mkv");
  ASSERT_TRUE(result);
  EXPECT_FALSE(*result);
  EXPECT_FALSE(inspect_growing_file("/tmp"));
}

}  // namespace
}  // namespace livestream
