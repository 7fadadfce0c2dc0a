#include "isobmff/state_message.h"

#include <string>

#include <gtest/gtest.h>

#include "isobmff/box_reader.h"

namespace livestream {
namespace {

TEST(StateMessage, IsOneEventMessageBox) {
  constexpr std::string_view kJson = R"({"state":"waiting","retry_in_ms":1234})";
  const Fragment message = write_state_message(0x1'0000'0009, {90'000, 30'000}, {}, kJson);
  EXPECT_EQ(message.track_id, kMessageTrackId);
  EXPECT_EQ(message.sequence, 0x1'0000'0009U);
  EXPECT_FALSE(message.independent);

  BoxReader boxes(message.bytes.view());
  Box emsg;
  ASSERT_EQ(boxes.next(emsg), BoxOutcome::kComplete);
  EXPECT_TRUE(boxes.rest().empty());
  EXPECT_EQ(emsg.type, "emsg");
  ByteReader reader(emsg.payload);
  EXPECT_EQ(reader.u32(), 0x01000000U);
  EXPECT_EQ(reader.u32(), 1000U);
  EXPECT_EQ(reader.u64(), 3000U);
  EXPECT_EQ(reader.u32(), 0xffffffffU);
  EXPECT_EQ(reader.u32(), 18U);
  const ByteView rest = reader.bytes(reader.remaining());
  std::string expected = "urn:livestream-server:state";
  expected += '\0';
  expected += '1';
  expected += '\0';
  expected += kJson;
  EXPECT_EQ(std::string(rest.begin(), rest.end()), expected);
}

}  // namespace
}  // namespace livestream
