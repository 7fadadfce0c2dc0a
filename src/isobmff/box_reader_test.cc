#include "isobmff/box_reader.h"

#include <gtest/gtest.h>

#include "isobmff/box_writer.h"

namespace livestream {
namespace {

Bytes nested() {
  ByteWriter writer;
  {
    const BoxWriter moov(writer, "moov");
    {
      const BoxWriter mvhd(writer, "mvhd", 1, 0x020304);
      writer.u32(7);
    }
    const BoxWriter trak(writer, "trak");
    const BoxWriter mdia(writer, "mdia");
    writer.text("inside");
  }
  { const BoxWriter free(writer, "free"); }
  return writer.take();
}

TEST(BoxReader, ReadsWhatBoxWriterNested) {
  const Bytes bytes = nested();
  BoxReader reader(bytes);
  Box box;
  ASSERT_EQ(reader.next(box), BoxOutcome::kComplete);
  EXPECT_EQ(box.type, "moov");
  EXPECT_EQ(box.whole.size(), bytes.size() - 8);
  ASSERT_EQ(reader.next(box), BoxOutcome::kComplete);
  EXPECT_EQ(box.type, "free");
  EXPECT_TRUE(box.payload.empty());
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_EQ(reader.next(box), BoxOutcome::kNeedMore);
}

TEST(BoxReader, FindsABoxByItsPath) {
  const Bytes bytes = nested();
  const std::optional<Box> mdia = find_box(bytes, "moov/trak/mdia");
  ASSERT_TRUE(mdia);
  EXPECT_EQ(Bytes(mdia->payload.begin(), mdia->payload.end()),
            (Bytes{'i', 'n', 's', 'i', 'd', 'e'}));
  const std::optional<Box> mvhd = find_box(bytes, "moov/mvhd");
  ASSERT_TRUE(mvhd);
  EXPECT_EQ(Bytes(mvhd->payload.begin(), mvhd->payload.end()), (Bytes{1, 2, 3, 4, 0, 0, 0, 7}));
  EXPECT_FALSE(find_box(bytes, "moov/mdia"));
  EXPECT_FALSE(find_box(bytes, "mdat"));
}

TEST(BoxReader, NeedsMoreAtEveryTruncation) {
  const Bytes bytes = nested();
  const std::size_t first = bytes.size() - 8;
  for (std::size_t size = 0; size < first; ++size) {
    BoxReader reader(ByteView(bytes).first(size));
    Box box;
    EXPECT_EQ(reader.next(box), BoxOutcome::kNeedMore) << size;
    EXPECT_EQ(reader.rest().size(), size);
  }
}

TEST(BoxReader, ReadsLargeSizes) {
  const Bytes bytes = {0, 0, 0, 1, 'm', 'd', 'a', 't', 0, 0, 0, 0, 0, 0, 0, 18, 0xaa, 0xbb, 0xcc};
  BoxReader reader(bytes);
  Box box;
  ASSERT_EQ(reader.next(box), BoxOutcome::kComplete);
  EXPECT_EQ(box.payload.size(), 2U);
  EXPECT_EQ(reader.rest().size(), 1U);
}

TEST(BoxReader, RefusesImpossibleSizes) {
  for (const Bytes& bytes :
       {Bytes{0, 0, 0, 0, 'm', 'd', 'a', 't'},  // to the end of the file
        Bytes{0, 0, 0, 7, 'm', 'd', 'a', 't'}, Bytes{0xff, 0xff, 0xff, 0xff, 'm', 'd', 'a', 't'},
        Bytes{0, 0, 0, 1, 'm', 'd', 'a', 't', 0, 0, 0, 0, 0, 0, 0, 15},
        Bytes{0, 0, 0, 1, 'm', 'd', 'a', 't', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}) {
    BoxReader reader(bytes);
    Box box;
    EXPECT_EQ(reader.next(box), BoxOutcome::kBad);
  }
}

}  // namespace
}  // namespace livestream
