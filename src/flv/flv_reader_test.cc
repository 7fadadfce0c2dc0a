#include "flv/flv_reader.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flv/flv_builder_for_test.h"

namespace livestream {
namespace {

using testing::HasSubstr;

Bytes whole_stream() {
  return FlvBuilder()
      .tag(18, 0, metadata(true))
      .configurations()
      .audio(0, kAacFrame)
      .video(23, kIdr, true)
      .audio(23, kAacFrame)
      .tag(15, 23, {1, 2, 3})
      .video(56, kSlice, false, 1, -33)
      .video(90, {}, true, 2)  // end of sequence
      .take();
}

Result<std::vector<Packet>> read_all(const Bytes& bytes) { return FlvReader().read(bytes); }

// One line per packet, so that lists are easy to compare and print.
std::vector<std::string> lines(const std::vector<Packet>& packets) {
  std::vector<std::string> lines;
  for (const Packet& packet : packets) {
    if (const auto* info = std::get_if<ContainerInfo>(&packet)) {
      lines.push_back("info " + std::to_string(info->frame_rate.value_or(0)) +
                      (info->has_video.value_or(false) ? " video" : "") +
                      (info->has_audio.value_or(false) ? " audio" : ""));
    } else if (const auto* track = std::get_if<Track>(&packet)) {
      lines.push_back("track " + track->codec + " " + std::to_string(track->timescale) + " " +
                      std::to_string(track->width) + "x" + std::to_string(track->height) + " " +
                      std::to_string(track->channels) + " " +
                      std::to_string(track->decoder_config.size()));
    } else {
      const auto& sample = std::get<Sample>(packet);
      lines.push_back((sample.kind == TrackKind::kVideo ? "video " : "audio ") +
                      std::to_string(sample.decode_ms) + "+" +
                      std::to_string(sample.composition_offset_ms) +
                      (sample.independent ? " independent " : " ") +
                      std::string(sample.data.begin(), sample.data.end()));
    }
  }
  return lines;
}

std::vector<std::int64_t> stamps(const Bytes& bytes) {
  const Result<std::vector<Packet>> packets = read_all(bytes);
  EXPECT_TRUE(packets);
  std::vector<std::int64_t> stamps;
  for (const Packet& packet : *packets) {
    if (const auto* sample = std::get_if<Sample>(&packet)) stamps.push_back(sample->decode_ms);
  }
  return stamps;
}

TEST(FlvReader, ReadsWhatFfmpegWrites) {
  const Result<std::vector<Packet>> packets = read_all(whole_stream());
  ASSERT_TRUE(packets) << packets.error().message;
  const auto text = [](const Bytes& bytes) { return std::string(bytes.begin(), bytes.end()); };
  EXPECT_THAT(lines(*packets),
              testing::ElementsAre(
                  "info 29.970000 video audio", "track avc1.42C01F 90000 1280x720 0 38",
                  "track mp4a.40.2 44100 0x0 2 5", "audio 0+0 independent " + text(kAacFrame),
                  "video 23+0 independent " + text(kIdr),
                  "audio 23+0 independent " + text(kAacFrame), "video 56+-33 " + text(kSlice)));
}

TEST(FlvReader, GivesTheSamePacketsForEverySplit) {
  const Bytes stream = whole_stream();
  const std::vector<std::string> expected = lines(*read_all(stream));
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (const std::size_t second : {first, std::min(first + 1, stream.size()), stream.size()}) {
      FlvReader reader;
      std::vector<Packet> packets;
      const ByteView view(stream);
      for (const ByteView part :
           {view.first(first), view.subspan(first, second - first), view.subspan(second)}) {
        Result<std::vector<Packet>> more = reader.read(part);
        ASSERT_TRUE(more) << first;
        for (Packet& packet : *more) packets.push_back(std::move(packet));
      }
      ASSERT_EQ(lines(packets), expected) << first << " " << second;
    }
  }
}

TEST(FlvReader, GivesAPrefixOfThePacketsForEveryTruncationAndForSingleBytes) {
  const Bytes stream = whole_stream();
  const std::vector<std::string> expected = lines(*read_all(stream));
  FlvReader one_by_one;
  std::vector<std::string> so_far;
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    const Result<std::vector<Packet>> more = one_by_one.read(ByteView(stream).subspan(size - 1, 1));
    ASSERT_TRUE(more);
    for (const std::string& line : lines(*more)) so_far.push_back(line);
    const Result<std::vector<Packet>> cut = FlvReader().read(ByteView(stream).first(size));
    ASSERT_TRUE(cut);
    ASSERT_EQ(lines(*cut), so_far) << size;
    ASSERT_TRUE(std::equal(so_far.begin(), so_far.end(), expected.begin()));
  }
  EXPECT_EQ(so_far, expected);
}

// A picture that stands alone, with the parameter sets of this record before it.
Bytes picture_with_sets(const Bytes& record) {
  const Result<H264Configuration> configuration = read_h264_configuration(record);
  ByteWriter writer;
  for (const auto& sets :
       {configuration->sequence_parameter_sets, configuration->picture_parameter_sets}) {
    for (const ByteView set : sets) {
      writer.u32(static_cast<std::uint32_t>(set.size()));
      writer.bytes(set);
    }
  }
  writer.bytes(kIdr);
  return writer.take();
}

TEST(FlvReader, TellsOfASizeThatChangesWithinThePictures) {
  const Bytes stream = FlvBuilder()
                           .video(0, kAvcConfiguration, true, 0)
                           .video(0, picture_with_sets(kAvcConfiguration), true)
                           .video(40, picture_with_sets(kSmallAvcConfiguration), true)
                           .video(80, picture_with_sets(kSmallAvcConfiguration), true)
                           .video(120, picture_with_sets(kAvcConfiguration), true)
                           .take();
  const Result<std::vector<Packet>> packets = read_all(stream);
  ASSERT_TRUE(packets);
  std::vector<std::string> order;
  for (const Packet& packet : *packets) {
    const auto* track = std::get_if<Track>(&packet);
    order.push_back(track != nullptr ? std::to_string(track->width) : "picture");
  }
  EXPECT_THAT(order, testing::ElementsAre("1280", "picture", "322", "picture", "picture", "1280",
                                          "picture"));
  EXPECT_EQ(std::get<Track>((*packets)[2]).decoder_config, kSmallAvcConfiguration);
}

TEST(FlvReader, GivesASampleWithItsLastByte) {
  const Bytes stream = FlvBuilder().configurations().video(0, kIdr, true).take();
  const Result<std::vector<Packet>> packets =
      FlvReader().read(ByteView(stream).first(stream.size() - 4));  // without the back-pointer
  ASSERT_TRUE(packets);
  EXPECT_EQ(packets->size(), 3U);
}

TEST(FlvReader, BelievesAKeyframeOnlyWithAnIdr) {
  const Bytes stream =
      FlvBuilder().configurations().video(0, kSlice, true).video(33, kIdr, false).take();
  const auto packets = *read_all(stream);
  EXPECT_FALSE(std::get<Sample>(packets.at(2)).independent);
  EXPECT_FALSE(std::get<Sample>(packets.at(3)).independent);
}

TEST(FlvReader, MakesNalLengthsFourBytesLong) {
  Bytes configuration = kAvcConfiguration;
  configuration[4] = 0xfd;  // two bytes
  const Bytes stream = FlvBuilder()
                           .video(0, configuration, true, 0)
                           .video(0, {0, 2, 0x06, 0x05, 0, 3, 0x65, 0x88, 0x84}, true)
                           .take();
  const auto packets = *read_all(stream);
  EXPECT_EQ(std::get<Track>(packets.at(0)).decoder_config, kAvcConfiguration);
  EXPECT_EQ(std::get<Sample>(packets.at(1)).data, kIdr);
  EXPECT_TRUE(std::get<Sample>(packets.at(1)).independent);
}

TEST(FlvReader, DropsFramesWithBrokenNalLengths) {
  const Bytes stream = FlvBuilder()
                           .configurations()
                           .video(0, {0xff, 0xff, 0xff, 0xff, 0x65}, true)
                           .video(0, {0, 0}, true)
                           .video(33, kIdr, true)
                           .take();
  EXPECT_THAT(stamps(stream), testing::ElementsAre(33));
}

TEST(FlvReader, DropsFramesBeforeTheirConfiguration) {
  EXPECT_THAT(stamps(FlvBuilder().video(0, kIdr, true).audio(0, kAacFrame).take()),
              testing::IsEmpty());
}

TEST(FlvReader, GivesANewTrackWhenTheConfigurationComesAgain) {
  const auto packets = *read_all(FlvBuilder().configurations().configurations().take());
  EXPECT_EQ(packets.size(), 4U);
}

TEST(FlvReader, ReadsStampsOf32Bits) {
  EXPECT_THAT(stamps(FlvBuilder().configurations().audio(0x01000005, kAacFrame).take()),
              testing::ElementsAre(0x01000005));
}

TEST(FlvReader, GoesOnPastAWrapAt31Bits) {
  const Bytes stream = FlvBuilder()
                           .configurations()
                           .audio(0x7ffffff0, kAacFrame)
                           .video(0x7ffffff8, kIdr, true)
                           .audio(7, kAacFrame)
                           .video(2, kSlice, false)
                           .take();
  EXPECT_THAT(stamps(stream),
              testing::ElementsAre(0x7ffffff0LL, 0x7ffffff8LL, 0x80000007LL, 0x80000002LL));
}

TEST(FlvReader, GoesOnPastAWrapAt32BitsAndThroughBoth) {
  EXPECT_THAT(stamps(FlvBuilder()
                         .configurations()
                         .audio(0x7ffffff0, kAacFrame)
                         .audio(0x80000007, kAacFrame)
                         .take()),
              testing::ElementsAre(0x7ffffff0LL, 0x80000007LL));
  FlvBuilder builder;
  builder.configurations();
  constexpr std::uint32_t kStep = 0x20000000;  // more than six days
  for (std::uint32_t i = 0; i < 20; ++i) builder.audio((i * kStep) & 0x7fffffff, kAacFrame);
  const std::vector<std::int64_t> all = stamps(builder.take());
  ASSERT_EQ(all.size(), 20U);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i], static_cast<std::int64_t>(i) * kStep);
}

TEST(FlvReader, KeepsAJumpBack) {
  EXPECT_THAT(
      stamps(FlvBuilder().configurations().audio(10000, kAacFrame).audio(0, kAacFrame).take()),
      testing::ElementsAre(10000, 0));
}

TEST(FlvReader, SaysWhatTheMetadataLeavesOut) {
  const auto packets = *read_all(FlvBuilder().tag(18, 0, metadata(false)).take());
  EXPECT_THAT(lines(packets), testing::ElementsAre("info 29.970000 video"));
}

TEST(FlvReader, IgnoresScriptDataThatIsCutShortOrGarbage) {
  const Bytes good = metadata(true);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    const auto packets = *read_all(FlvBuilder().tag(18, 0, cut).configurations().take());
    EXPECT_EQ(packets.size(), 2U) << size;
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int value : {0x00, 0x03, 0x08, 0x0a, 0x0c, 0xff}) {
      Bytes hostile = good;
      hostile[at] = static_cast<std::uint8_t>(value);
      EXPECT_TRUE(read_all(FlvBuilder().tag(18, 0, hostile).configurations().take()));
    }
  }
}

TEST(FlvReader, BoundsTheNestingOfScriptData) {
  ByteWriter writer;
  writer.u8(2);
  amf_name(writer, "onMetaData");
  writer.u8(3);
  for (int i = 0; i < 100'000; ++i) {
    amf_name(writer, "a");
    writer.u8(3);
  }
  EXPECT_EQ(read_all(FlvBuilder().tag(18, 0, writer.take()).configurations().take())->size(), 2U);
}

TEST(FlvReader, BoundsAnArrayThatClaimsFourThousandMillionElements) {
  ByteWriter writer;
  writer.u8(2);
  amf_name(writer, "onMetaData");
  writer.u8(3);
  amf_name(writer, "a");
  writer.u8(10);
  writer.u32(0xffffffff);
  EXPECT_EQ(read_all(FlvBuilder().tag(18, 0, writer.take()).configurations().take())->size(), 2U);
}

TEST(FlvReader, SkipsTagsTooSmallForTheirHeaders) {
  FlvBuilder builder;
  for (std::size_t size = 0; size < 5; ++size) builder.tag(9, 0, Bytes(size, 0x17));
  for (std::size_t size = 0; size < 2; ++size) builder.tag(8, 0, Bytes(size, 0xaf));
  builder.tag(18, 0, {}).tag(9, 0, {0x57, 0}).video(0, {}, true, 0).audio(0, {}, 0);
  EXPECT_EQ(read_all(builder.configurations().take())->size(), 2U);
}

TEST(FlvReader, ToleratesWrongBackPointers) {
  Bytes stream = FlvBuilder().configurations().audio(1, kAacFrame).take();
  for (std::size_t i = 0; i < 4; ++i) {
    stream[9 + i] = 0xee;
    stream[stream.size() - 1 - i] = 0xee;
  }
  EXPECT_EQ(read_all(stream)->size(), 3U);
}

TEST(FlvReader, RefusesBytesThatAreNotFlv) {
  EXPECT_THAT(FlvReader().read(as_bytes("\x1a\x45\xdf\xa3 matroska")).error().message,
              HasSubstr("not FLV"));
  Bytes short_header = FlvBuilder().take();
  short_header[8] = 8;
  EXPECT_FALSE(read_all(short_header));
  EXPECT_THAT(read_all(FlvBuilder().tag(0x29, 0, {1}).take()).error().message,
              HasSubstr("out of step"));
}

TEST(FlvReader, SkipsALongerFileHeader) {
  Bytes stream = FlvBuilder().configurations().take();
  stream[8] = 12;
  stream.insert(stream.begin() + 9, {1, 2, 3});
  EXPECT_EQ(read_all(stream)->size(), 2U);
}

TEST(FlvReader, NamesACodecThatItCannotPassOn) {
  const auto message = [](std::uint8_t type, const Bytes& body) {
    return read_all(FlvBuilder().tag(type, 0, body).take()).error().message;
  };
  EXPECT_THAT(message(9, {0x1c, 0, 0, 0, 0, 1}), HasSubstr("video codec is HEVC"));
  EXPECT_THAT(message(9, {0x90, 'h', 'v', 'c', '1', 1}), HasSubstr("video codec is HEVC"));
  EXPECT_THAT(message(9, {0x90, 'a', 'v', '0', '1', 1}), HasSubstr("video codec is AV1"));
  EXPECT_THAT(message(9, {0x12, 0, 0}), HasSubstr("Sorenson"));
  EXPECT_THAT(message(8, {0x2f, 0, 0}), HasSubstr("audio codec is MP3"));
  EXPECT_THAT(message(8, {0x82, 0, 0}), HasSubstr("mu-law"));
  EXPECT_THAT(message(8, {0x90, 'O', 'p', 'u', 's'}), HasSubstr("Opus"));
}

TEST(FlvReader, NamesAConfigurationThatItCannotRead) {
  EXPECT_THAT(read_all(FlvBuilder().video(0, {1, 2, 3}, true, 0).take()).error().message,
              HasSubstr("H.264"));
  EXPECT_THAT(read_all(FlvBuilder().audio(0, {0x17}, 0).take()).error().message, HasSubstr("AAC"));
}

TEST(FlvReader, SurvivesEveryByteChanged) {
  const Bytes good = whole_stream();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      Bytes hostile = good;
      hostile[at] = static_cast<std::uint8_t>(value);
      (void)read_all(hostile);
    }
  }
}

}  // namespace
}  // namespace livestream
