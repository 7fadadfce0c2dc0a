#include "isobmff/init_segment_writer.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "isobmff/box_reader.h"

namespace livestream {
namespace {

Track video() {
  Track track;
  track.kind = TrackKind::kVideo;
  track.timescale = 30000;
  track.codec = "avc1.42C01F";
  track.decoder_config = {1, 0x42, 0xc0, 0x1f, 0xff};
  track.width = 1280;
  track.height = 720;
  return track;
}

Track audio(std::uint32_t rate = 44100) {
  Track track;
  track.kind = TrackKind::kAudio;
  track.timescale = rate;
  track.codec = "mp4a.40.2";
  track.decoder_config = {0x12, 0x10};
  track.channels = 2;
  return track;
}

std::vector<Box> children(ByteView bytes, std::string_view type) {
  std::vector<Box> found;
  BoxReader reader(bytes);
  for (Box box; reader.next(box) == BoxOutcome::kComplete;) {
    if (box.type == type) found.push_back(box);
  }
  EXPECT_TRUE(reader.rest().empty());
  return found;
}

std::uint32_t u32_at(ByteView bytes, std::size_t at) {
  ByteReader reader(bytes);
  reader.skip(at);
  const std::uint32_t value = reader.u32();
  EXPECT_TRUE(reader.ok());
  return value;
}

TEST(InitSegment, BeginsWithFtypAndMoovAndNothingElse) {
  const std::vector<Track> tracks = {video(), audio()};
  const InitSegment segment = write_init_segment(tracks);
  BoxReader reader(segment.bytes.view());
  Box box;
  ASSERT_EQ(reader.next(box), BoxOutcome::kComplete);
  EXPECT_EQ(box.type, "ftyp");
  ASSERT_EQ(reader.next(box), BoxOutcome::kComplete);
  EXPECT_EQ(box.type, "moov");
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_EQ(segment.codecs, "avc1.42C01F,mp4a.40.2");
  EXPECT_EQ(segment.selection, (TrackSelection{.video = true, .audio = true}));
}

TEST(InitSegment, DescribesEachTrackWithDurationsOfZero) {
  const std::vector<Track> tracks = {video(), audio()};
  const InitSegment segment = write_init_segment(tracks);
  const Box moov = find_box(segment.bytes.view(), "moov").value();
  const Box mvhd = find_box(moov.payload, "mvhd").value();
  EXPECT_EQ(u32_at(mvhd.payload, 16), 0U);
  EXPECT_EQ(u32_at(mvhd.payload, 96), 3U);  // next track id
  const std::vector<Box> traks = children(moov.payload, "trak");
  ASSERT_EQ(traks.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Box tkhd = find_box(traks[i].payload, "tkhd").value();
    EXPECT_EQ(tkhd.whole.size(), 92U);
    EXPECT_EQ(u32_at(tkhd.payload, 12), tracks[i].id());
    EXPECT_EQ(u32_at(tkhd.payload, 20), 0U);
    EXPECT_EQ(u32_at(tkhd.payload, 76), tracks[i].width << 16);
    EXPECT_EQ(u32_at(tkhd.payload, 80), tracks[i].height << 16);
    const Box mdhd = find_box(traks[i].payload, "mdia/mdhd").value();
    EXPECT_EQ(u32_at(mdhd.payload, 12), tracks[i].timescale);
    EXPECT_EQ(u32_at(mdhd.payload, 16), 0U);
    for (const char* table : {"stts", "stsc", "stsz", "stco"}) {
      EXPECT_TRUE(find_box(traks[i].payload, std::string("mdia/minf/stbl/") + table)) << table;
    }
    EXPECT_TRUE(find_box(traks[i].payload, "mdia/minf/dinf/dref"));
    EXPECT_TRUE(find_box(traks[i].payload, i == 0 ? "mdia/minf/vmhd" : "mdia/minf/smhd"));
  }
  const std::vector<Box> trex = children(find_box(moov.payload, "mvex").value().payload, "trex");
  ASSERT_EQ(trex.size(), 2U);
  EXPECT_EQ(u32_at(trex[0].payload, 4), kVideoTrackId);
  EXPECT_EQ(u32_at(trex[1].payload, 4), kAudioTrackId);
}

TEST(InitSegment, CarriesTheDecodersConfigurations) {
  const std::vector<Track> tracks = {video(), audio()};
  const InitSegment segment = write_init_segment(tracks);
  const std::vector<Box> traks =
      children(find_box(segment.bytes.view(), "moov").value().payload, "trak");
  const Box video_stsd = find_box(traks[0].payload, "mdia/minf/stbl/stsd").value();
  const Box avc1 = find_box(video_stsd.payload.subspan(8), "avc1").value();
  EXPECT_EQ(u32_at(avc1.payload, 24), 1280U << 16 | 720U);
  const Box avcc = find_box(avc1.payload.subspan(78), "avcC").value();
  EXPECT_EQ(Bytes(avcc.payload.begin(), avcc.payload.end()), tracks[0].decoder_config);

  const Box audio_stsd = find_box(traks[1].payload, "mdia/minf/stbl/stsd").value();
  const Box mp4a = find_box(audio_stsd.payload.subspan(8), "mp4a").value();
  EXPECT_EQ(u32_at(mp4a.payload, 16), 2U << 16 | 16U);
  EXPECT_EQ(u32_at(mp4a.payload, 24), 44100U << 16);
  const Box esds = find_box(mp4a.payload.subspan(28), "esds").value();
  const Bytes expected = {0, 0,    0,    0,                              // version, flags
                          3, 0x80, 0x80, 0x80, 34, 0,    0,    0,        // ES descriptor
                          4, 0x80, 0x80, 0x80, 20, 0x40, 0x15, 0, 0, 0,  // decoder: AAC, audio
                          0, 0,    0,    0,    0,  0,    0,    0,        //
                          5, 0x80, 0x80, 0x80, 2,  0x12, 0x10,           // AudioSpecificConfig
                          6, 0x80, 0x80, 0x80, 1,  2};
  EXPECT_EQ(Bytes(esds.payload.begin(), esds.payload.end()), expected);
}

TEST(InitSegment, LeavesARateThatDoesNotFitToTheDecoder) {
  const std::vector<Track> tracks = {audio(96000)};
  const InitSegment segment = write_init_segment(tracks);
  const Box stsd = find_box(segment.bytes.view(), "moov/trak/mdia/minf/stbl/stsd").value();
  EXPECT_EQ(u32_at(find_box(stsd.payload.subspan(8), "mp4a").value().payload, 24), 0U);
}

TEST(StreamDescription, OffersEachUsefulChoiceOfTracks) {
  const StreamDescription both = describe({audio(), video()});
  ASSERT_EQ(both.init_segments.size(), 2U);
  EXPECT_EQ(both.tracks[0].kind, TrackKind::kVideo);
  EXPECT_EQ(both.init_segments[0].codecs, "avc1.42C01F,mp4a.40.2");
  EXPECT_EQ(both.init_segments[1].codecs, "avc1.42C01F");
  EXPECT_EQ(both.init_segments[1].selection, (TrackSelection{.video = true, .audio = false}));

  // A mark tells players of the video alone that there is sound.
  EXPECT_FALSE(find_box(both.init_segments[0].bytes.view(), "moov/udta/soun"));
  EXPECT_TRUE(find_box(both.init_segments[1].bytes.view(), "moov/udta/soun"));
  const StreamDescription picture = describe({video()});
  ASSERT_EQ(picture.init_segments.size(), 1U);
  EXPECT_FALSE(find_box(picture.init_segments[0].bytes.view(), "moov/udta/soun"));

  const StreamDescription sound = describe({audio()});
  ASSERT_EQ(sound.init_segments.size(), 1U);
  EXPECT_EQ(sound.init_segments[0].codecs, "mp4a.40.2");
  EXPECT_EQ(sound.init_segments[0].selection, (TrackSelection{.video = false, .audio = true}));
}

}  // namespace
}  // namespace livestream
