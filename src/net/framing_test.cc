#include "net/framing.h"

#include <gtest/gtest.h>

namespace livestream::net {
namespace {

std::string wire(const FramedBatch& batch) {
  std::string text;
  for (const iovec& piece : batch.pieces())
    text.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  return text;
}

std::shared_ptr<const SharedBlocks> blocks(std::vector<std::string> texts) {
  std::vector<SharedBytes> made;
  for (const std::string& text : texts) made.emplace_back(std::string_view(text));
  return std::make_shared<const SharedBlocks>(std::move(made));
}

TEST(FramedBatch, IsOneChunkOfHttp11) {
  const FramedBatch batch(blocks({"abcdefghij", "klmnopq"}), Framing::kChunked);
  EXPECT_EQ(wire(batch), "11\r\nabcdefghijklmnopq\r\n");
  EXPECT_EQ(batch.size(), 23u);
}

TEST(FramedBatch, IsTheBytesThemselvesOnHttp10) {
  const FramedBatch batch(blocks({"ab", "c"}), Framing::kIdentity);
  EXPECT_EQ(wire(batch), "abc");
}

TEST(FramingCache, FramesABatchOnce) {
  FramingCache cache;
  const auto first = blocks({"a"});
  const auto framed = cache.frame(first, Framing::kChunked);
  EXPECT_EQ(cache.frame(first, Framing::kChunked), framed);
  EXPECT_NE(cache.frame(first, Framing::kIdentity), framed);
  EXPECT_NE(cache.frame(blocks({"a"}), Framing::kChunked), framed);
}

TEST(FramingCache, LetsGoOfABatchThatNoViewerAsksForAnyMore) {
  FramingCache cache;
  const std::weak_ptr<const FramedBatch> framed = cache.frame(blocks({"old"}), Framing::kChunked);
  cache.forget_unused();
  EXPECT_FALSE(framed.expired()) << "just asked for";
  cache.forget_unused();
  EXPECT_TRUE(framed.expired());
}

TEST(FramingCache, KeepsABatchThatIsStillAskedFor) {
  FramingCache cache;
  const auto still = blocks({"slate"});
  const auto framed = cache.frame(still, Framing::kChunked);
  for (int i = 0; i < 3; ++i) {
    cache.forget_unused();
    EXPECT_EQ(cache.frame(still, Framing::kChunked), framed);
  }
}

TEST(FramingCache, KeepsWhatViewersAreInTheMiddleOf) {
  FramingCache cache;
  const auto framed = cache.frame(blocks({"still being sent"}), Framing::kIdentity);
  for (int i = 0; i < 100; ++i) (void)cache.frame(blocks({"x"}), Framing::kIdentity);
  EXPECT_EQ(wire(*framed), "still being sent");
}

}  // namespace
}  // namespace livestream::net
