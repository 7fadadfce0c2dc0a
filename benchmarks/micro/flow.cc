#include "flow.h"

#include "isobmff/fragment_writer.h"
#include "isobmff/init_segment_writer.h"

namespace livestream::micro {
namespace {

constexpr std::uint8_t kAudioTag = 8;
constexpr std::uint8_t kVideoTag = 9;

// AVCDecoderConfigurationRecord of 720p baseline, and the AudioSpecificConfig of 44.1 kHz stereo.
const Bytes kAvcConfiguration = {0x01, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0x00, 0x17, 0x67, 0x42,
                                 0xc0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xec, 0x04, 0x40, 0x00,
                                 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0f, 0x23, 0xc6, 0x0c,
                                 0xa8, 0x01, 0x00, 0x04, 0x68, 0xce, 0x0f, 0xc8};
const Bytes kAacConfiguration = {0x12, 0x10, 0x56, 0xe5, 0x00};

void write_tag(ByteWriter& writer, std::uint8_t type, std::uint32_t stamp_ms, ByteView head,
               ByteView data) {
  const auto size = static_cast<std::uint32_t>(head.size() + data.size());
  writer.u8(type);
  writer.u24(size);
  writer.u24(stamp_ms & 0xffffff);
  writer.u8(static_cast<std::uint8_t>(stamp_ms >> 24));
  writer.u24(0);
  writer.bytes(head);
  writer.bytes(data);
  writer.u32(size + 11);
}

}  // namespace

Bytes video_frame(bool independent) {
  Bytes frame(kVideoFrame, 0x5a);
  const std::uint32_t length = kVideoFrame - 4;
  for (std::size_t i = 0; i < 4; ++i) frame[i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
  frame[4] = independent ? 0x65 : 0x41;
  return frame;
}

StreamDescription description() {
  return describe({Track{.kind = TrackKind::kVideo,
                         .timescale = 30000,
                         .codec = "avc1.42C01F",
                         .decoder_config = kAvcConfiguration,
                         .width = 1280,
                         .height = 720},
                   Track{.kind = TrackKind::kAudio,
                         .timescale = 44100,
                         .codec = "mp4a.40.2",
                         .decoder_config = kAacConfiguration,
                         .channels = 2}});
}

Fragment fragment(std::uint64_t sequence, bool video, std::int64_t frame) {
  const bool independent = video && frame % kFramesPerGop == 0;
  const Bytes data = video ? video_frame(independent) : Bytes(kAudioFrame, 0x21);
  const MediaTime time = video ? MediaTime{frame * 1000, 30000} : MediaTime{frame * 1470, 44100};
  const MediaTime duration = video ? MediaTime{1000, 30000} : MediaTime{1470, 44100};
  const FragmentSample sample{.data = data};
  const std::uint32_t track = video ? kVideoTrackId : kAudioTrackId;
  return {.sequence = sequence,
          .track_id = track,
          .independent = independent,
          .decode_time = time,
          .duration = duration,
          .bytes = SharedBytes(
              write_fragment({.sequence = sequence,
                              .track_id = track,
                              .sync = independent || !video,
                              .decode_time = time,
                              .sample_duration = static_cast<std::uint32_t>(duration.ticks)},
                             {&sample, 1}))};
}

Bytes flv(int gops) {
  ByteWriter writer;
  writer.text("FLV");
  writer.u8(1);
  writer.u8(5);
  writer.u32(9);
  writer.u32(0);
  const Bytes key_head = {0x17, 1, 0, 0, 0};
  const Bytes other_head = {0x27, 1, 0, 0, 0};
  const Bytes audio_head = {0xaf, 1};
  write_tag(writer, kVideoTag, 0, Bytes{0x17, 0, 0, 0, 0}, kAvcConfiguration);
  write_tag(writer, kAudioTag, 0, Bytes{0xaf, 0}, kAacConfiguration);
  const Bytes audio(kAudioFrame, 0x21);
  for (int frame = 0; frame < gops * kFramesPerGop; ++frame) {
    const bool independent = frame % kFramesPerGop == 0;
    const auto stamp_ms = static_cast<std::uint32_t>(frame * 1000 / 30);
    write_tag(writer, kVideoTag, stamp_ms, independent ? key_head : other_head,
              video_frame(independent));
    write_tag(writer, kAudioTag, stamp_ms, audio_head, audio);
  }
  return writer.take();
}

}  // namespace livestream::micro
