#include "media/h264.h"

#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// Records as x264 makes them.
constexpr std::string_view kBaseline720p =
    "0142c01fffe100176742c01fda014016ec044000000300400000"
    "0f23c60ca801000468ce0fc8";
constexpr std::string_view kHigh322x182 =
    "0164000dffe1001a6764000dacd941519e226c0440000003004000000c83c50a658001000668ebe3cb22c0fdf8f80"
    "0";
constexpr std::string_view kMain1080pRescaled =
    "014d4028ffe1001e674d4028eca03c0113f2ffe019e01a02000003000200000300641e30632c01000568ebe3cb20";
constexpr std::string_view kHigh422 =
    "017a000dffe1001b677a000dbcd941519e222f011000000300100000030320f142996001000668ebe3cb22c0fef8f8"
    "00";
constexpr std::string_view kHigh10 =
    "016e000dffe1001b676e000da6cd941519e226c044000003000400000300c83c50a65801000668ebe3cb22c0fdfafa"
    "0"
    "0";
constexpr std::string_view kInterlaced576 =
    "0164001effe100186764001eacd940b424d8088000000300800000190f8a14cb01000668fba3cb22c0fdf8f800";

H264Parameters parameters_of(std::string_view record_hex) {
  const Bytes record = from_hex(record_hex);
  const Result<H264Configuration> configuration = read_h264_configuration(record);
  EXPECT_TRUE(configuration);
  const Result<H264Parameters> parameters =
      read_h264_parameters(configuration->sequence_parameter_sets.at(0));
  EXPECT_TRUE(parameters) << parameters.error().message;
  return *parameters;
}

std::string refusal_of(std::string_view record_hex) { return h264_refusal(from_hex(record_hex)); }

// The parameter sets of a record, as they stand in an access unit.
H264ParameterSets sets_of(std::string_view record_hex) {
  const Bytes record = from_hex(record_hex);
  const Result<H264Configuration> configuration = read_h264_configuration(record);
  EXPECT_TRUE(configuration);
  H264ParameterSets sets;
  for (const ByteView set : configuration->sequence_parameter_sets)
    sets.sequence.emplace_back(set.begin(), set.end());
  for (const ByteView set : configuration->picture_parameter_sets)
    sets.picture.emplace_back(set.begin(), set.end());
  return sets;
}

TEST(H264Configuration, FollowsTheSetsThatComeWithAPicture) {
  for (const std::string_view next : {kBaseline720p, kHigh322x182, kHigh422, kHigh10}) {
    const std::string_view before = next == kBaseline720p ? kHigh322x182 : kBaseline720p;
    EXPECT_EQ(h264_configuration_after(from_hex(before), sets_of(next)), from_hex(next));
    EXPECT_THAT(h264_configuration_after(from_hex(next), sets_of(next)), IsEmpty())
        << "nothing has changed";
  }
}

TEST(H264Configuration, KeepsItsPictureSetsWhenNoneCome) {
  H264ParameterSets sets = sets_of(kHigh322x182);
  sets.picture.clear();
  const Bytes record = h264_configuration_after(from_hex(kBaseline720p), sets);
  const Result<H264Configuration> configuration = read_h264_configuration(record);
  ASSERT_TRUE(configuration);
  ASSERT_EQ(configuration->picture_parameter_sets.size(), 1U);
  EXPECT_EQ(configuration->picture_parameter_sets[0].size(), 4U);
}

TEST(H264Configuration, IgnoresSetsThatCannotBeRead) {
  const Bytes record = from_hex(kBaseline720p);
  EXPECT_THAT(h264_configuration_after(record, {}), IsEmpty());
  EXPECT_THAT(h264_configuration_after(record, {.sequence = {{0x67}}, .picture = {}}), IsEmpty());
  EXPECT_THAT(h264_configuration_after(record, {.sequence = {Bytes(70'000, 0x67)}, .picture = {}}),
              IsEmpty());
  EXPECT_THAT(h264_configuration_after({}, sets_of(kHigh10)), IsEmpty());
}

// An access unit of these NAL units, each of which is its header byte, or a parameter set.
Bytes access_unit(const std::vector<Bytes>& nal_units) {
  ByteWriter writer;
  for (const Bytes& nal_unit : nal_units) {
    writer.u32(static_cast<std::uint32_t>(nal_unit.size()));
    writer.bytes(nal_unit);
  }
  return writer.take();
}

TEST(H264ParameterSets, GoBeforeASliceThatHasNone) {
  const Bytes record = from_hex(kBaseline720p);
  const H264ParameterSets sets = sets_of(kBaseline720p);
  const Bytes& sequence = sets.sequence.front();
  const Bytes& picture = sets.picture.front();
  EXPECT_EQ(h264_with_parameter_sets(access_unit({{0x65}}), record),
            access_unit({sequence, picture, {0x65}}));
  EXPECT_EQ(h264_with_parameter_sets(access_unit({{0x09, 0x10}, {0x06}, {0x65}}), record),
            access_unit({{0x09, 0x10}, sequence, picture, {0x06}, {0x65}}))
      << "a delimiter stays first";
}

TEST(H264ParameterSets, AreNotRepeatedWhereBothKindsAre) {
  const H264ParameterSets own = sets_of(kHigh322x182);
  const Bytes whole = access_unit({own.sequence.front(), own.picture.front(), {0x65}});
  EXPECT_EQ(h264_with_parameter_sets(whole, from_hex(kBaseline720p)), whole);
  const H264ParameterSets sets = sets_of(kBaseline720p);
  const Bytes half = access_unit({sets.picture.front(), {0x65}});
  EXPECT_EQ(
      h264_with_parameter_sets(half, from_hex(kBaseline720p)),
      access_unit({sets.sequence.front(), sets.picture.front(), sets.picture.front(), {0x65}}));
}

TEST(H264ParameterSets, LeaveWhatCannotBeReadAsItIs) {
  const Bytes record = from_hex(kBaseline720p);
  const Bytes slice = access_unit({{0x65}});
  EXPECT_EQ(h264_with_parameter_sets(slice, {}), slice);
  EXPECT_EQ(h264_with_parameter_sets(slice, ByteView(record).first(20)), slice);
  for (std::size_t size = 1; size < slice.size(); ++size) {
    const Bytes cut(slice.begin(), slice.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(h264_with_parameter_sets(cut, record), cut);
  }
}

TEST(H264Configuration, YieldsTheCodecStringOfItsOwnBytes) {
  const Bytes record = from_hex(kBaseline720p);
  const Result<H264Configuration> configuration = read_h264_configuration(record);
  ASSERT_TRUE(configuration);
  EXPECT_EQ(h264_codec_string(*configuration), "avc1.42C01F");
  EXPECT_EQ(configuration->nal_length_size, 4U);
}

TEST(H264Configuration, IsRefusedWhenCutShortAnywhere) {
  const Bytes record = from_hex(kBaseline720p);
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(read_h264_configuration(ByteView(record).first(size))) << size;
  }
}

TEST(H264Configuration, IsRefusedWithoutParameterSetsOrOfAnotherVersion) {
  EXPECT_FALSE(read_h264_configuration(from_hex("0142c01fffe000")));
  Bytes record = from_hex(kBaseline720p);
  record[0] = 2;
  EXPECT_FALSE(read_h264_configuration(record));
}

TEST(H264Parameters, ReadsABaselineStream) {
  const H264Parameters parameters = parameters_of(kBaseline720p);
  EXPECT_EQ(parameters.profile_idc, 66);
  EXPECT_EQ(parameters.width, 1280U);
  EXPECT_EQ(parameters.height, 720U);
  EXPECT_EQ(parameters.chroma_format_idc, 1U);
  EXPECT_EQ(parameters.bit_depth, 8U);
  EXPECT_TRUE(parameters.frame_mbs_only);
}

TEST(H264Parameters, CropsOddSizes) {
  const H264Parameters parameters = parameters_of(kHigh322x182);
  EXPECT_EQ(parameters.width, 322U);
  EXPECT_EQ(parameters.height, 182U);
}

TEST(H264Parameters, ReadsASizeBeforeAnExtendedSampleAspectRatio) {
  const H264Parameters parameters = parameters_of(kMain1080pRescaled);
  EXPECT_EQ(parameters.width, 1920U);
  EXPECT_EQ(parameters.height, 1080U);
}

TEST(H264Parameters, ReadsChromaAndDepth) {
  EXPECT_EQ(parameters_of(kHigh422).chroma_format_idc, 2U);
  EXPECT_EQ(parameters_of(kHigh422).height, 182U);
  EXPECT_EQ(parameters_of(kHigh10).bit_depth, 10U);
  EXPECT_EQ(parameters_of(kHigh10).width, 322U);
}

TEST(H264Parameters, CountsFieldsTwiceInTheHeight) {
  const H264Parameters parameters = parameters_of(kInterlaced576);
  EXPECT_FALSE(parameters.frame_mbs_only);
  EXPECT_EQ(parameters.width, 720U);
  EXPECT_EQ(parameters.height, 576U);
}

TEST(H264Parameters, SurvivesEveryTruncationAndEveryByteChanged) {
  for (const std::string_view hex : {kBaseline720p, kHigh322x182, kHigh422, kInterlaced576}) {
    const Bytes record = from_hex(hex);
    const Result<H264Configuration> configuration = read_h264_configuration(record);
    ASSERT_TRUE(configuration);
    const ByteView set = configuration->sequence_parameter_sets[0];
    for (std::size_t size = 0; size < set.size(); ++size) {
      EXPECT_TRUE(size >= 8 || !read_h264_parameters(set.first(size)));
    }
    for (std::size_t at = 0; at < set.size(); ++at) {
      Bytes hostile(set.begin(), set.end());
      for (int value = 0; value < 256; ++value) {
        hostile[at] = static_cast<std::uint8_t>(value);
        const Result<H264Parameters> parameters = read_h264_parameters(hostile);
        if (!parameters) continue;
        EXPECT_LE(parameters->width, 32768U);
        EXPECT_LE(parameters->height, 65536U);
        EXPECT_GT(parameters->width * parameters->height, 0U);
      }
    }
  }
}

TEST(H264Parameters, RefusesACodeWithoutEndAndOtherNalUnits) {
  Bytes zeros(200, 0);
  zeros[0] = 0x67;
  EXPECT_FALSE(read_h264_parameters(zeros));
  EXPECT_FALSE(read_h264_parameters(Bytes{0x68, 1, 2, 3}));
}

TEST(H264Refusal, AcceptsWhatBrowsersPlay) {
  EXPECT_THAT(refusal_of(kBaseline720p), IsEmpty());
  EXPECT_THAT(refusal_of(kMain1080pRescaled), IsEmpty());
  EXPECT_THAT(refusal_of(kHigh322x182), IsEmpty());
}

TEST(H264Refusal, NamesTheReason) {
  EXPECT_THAT(refusal_of(kHigh10), HasSubstr("High 10"));
  EXPECT_THAT(refusal_of(kHigh422), HasSubstr("High 4:2:2"));
  EXPECT_THAT(refusal_of(kInterlaced576), HasSubstr("interlaced"));
  EXPECT_THAT(refusal_of("01"), HasSubstr("cut short"));
}

}  // namespace
}  // namespace livestream
