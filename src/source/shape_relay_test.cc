#include "source/shape_relay.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/relayed_picture_for_test.h"

namespace livestream {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::vector<VideoSize> sizes_in(const Bytes& relay, std::size_t slice) {
  RelayReader reader;
  std::vector<VideoSize> sizes;
  for (std::size_t at = 0; at < relay.size(); at += slice) {
    const auto pieces =
        reader.read(ByteView(relay).subspan(at, std::min(slice, relay.size() - at)));
    if (!pieces) ADD_FAILURE() << pieces.error().message;
    if (!pieces) return sizes;
    for (const auto& piece : *pieces) sizes.push_back(piece.picture.size);
  }
  return sizes;
}

TEST(RelayReader, FindsThePicturesInSlicesOfAnySize) {
  const std::vector<VideoSize> sizes = {{16, 16}, {24, 32}, {32, 24}, {2, 2}, {640, 36}, {18, 58}};
  for (const std::uint8_t luma : {std::uint8_t{16}, std::uint8_t{235}}) {
    Bytes relay;
    for (const VideoSize& size : sizes) {
      const Bytes one = relayed_picture(size.width, size.height, luma);
      relay.insert(relay.end(), one.begin(), one.end());
    }
    for (const std::size_t slice :
         {std::size_t{1}, std::size_t{7}, std::size_t{1000}, relay.size()})
      EXPECT_EQ(sizes_in(relay, slice), sizes) << "slices of " << slice << ", luma " << int{luma};
  }
}

TEST(RelayReader, KeepsEveryByteOfAPicture) {
  const Bytes relay = relayed_picture(24, 32, 100);
  const auto pieces = RelayReader().read(relay);
  ASSERT_TRUE(pieces && pieces->size() == 1);
  EXPECT_EQ(pieces->front().bytes, relay);
  EXPECT_EQ(pieces->front().picture.framed.width * pieces->front().picture.framed.height * 3 / 2,
            relay.size());
}

TEST(RelayReader, RefusesWhatIsNotARelay) {
  EXPECT_FALSE(RelayReader().read(Bytes(100, 0)));
  EXPECT_FALSE(RelayReader().read(Bytes(100'000, 255)));
}

TEST(ShapeCommand, CutsThePictureOutOfItsFrame) {
  const RelayedPicture shape{{320, 240}, {352, 256}, 16};
  const auto command = shape_command({}, {}, {}, shape, 7'033);
  EXPECT_THAT(command, Contains("352x256"));
  EXPECT_THAT(command, Contains(HasSubstr("crop=320:240:0:16")));
  EXPECT_THAT(command, Contains("7.033"));
}

}  // namespace
}  // namespace livestream
