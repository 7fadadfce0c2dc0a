#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace livestream {

inline const Bytes kAvcConfiguration = {0x01, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0x00, 0x17, 0x67, 0x42,
                                        0xc0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xec, 0x04, 0x40, 0x00,
                                        0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0f, 0x23, 0xc6, 0x0c,
                                        0xa8, 0x01, 0x00, 0x04, 0x68, 0xce, 0x0f, 0xc8};
// Of 322x182.
inline const Bytes kSmallAvcConfiguration = {
    0x01, 0x64, 0x00, 0x0d, 0xff, 0xe1, 0x00, 0x1a, 0x67, 0x64, 0x00, 0x0d, 0xac, 0xd9, 0x41, 0x51,
    0x9e, 0x22, 0x6c, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0c, 0x83, 0xc5, 0x0a,
    0x65, 0x80, 0x01, 0x00, 0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0xfd, 0xf8, 0xf8, 0x00};
inline const Bytes kAacConfiguration = {0x12, 0x10, 0x56, 0xe5, 0x00};
inline const Bytes kIdr = {0, 0, 0, 2, 0x06, 0x05, 0, 0, 0, 3, 0x65, 0x88, 0x84};
inline const Bytes kSlice = {0, 0, 0, 3, 0x41, 0x9a, 0x24};
inline const Bytes kAacFrame = {0x21, 0x10, 0x04};

// Writes FLV in ffmpeg's form.
class FlvBuilder {
 public:
  FlvBuilder() {
    writer_.text("FLV");
    writer_.u8(1);
    writer_.u8(5);
    writer_.u32(9);
    writer_.u32(0);
  }
  FlvBuilder& tag(std::uint8_t type, std::uint32_t stamp, const Bytes& body) {
    writer_.u8(type);
    writer_.u24(static_cast<std::uint32_t>(body.size()));
    writer_.u24(stamp & 0xffffff);
    writer_.u8(static_cast<std::uint8_t>(stamp >> 24));
    writer_.u24(0);
    writer_.bytes(body);
    writer_.u32(static_cast<std::uint32_t>(body.size() + 11));
    return *this;
  }
  FlvBuilder& video(std::uint32_t stamp, const Bytes& data, bool keyframe,
                    std::uint8_t packet_type = 1, std::int32_t offset = 0) {
    Bytes body = {static_cast<std::uint8_t>(keyframe ? 0x17 : 0x27), packet_type,
                  static_cast<std::uint8_t>(offset >> 16), static_cast<std::uint8_t>(offset >> 8),
                  static_cast<std::uint8_t>(offset)};
    body.insert(body.end(), data.begin(), data.end());
    return tag(9, stamp, body);
  }
  FlvBuilder& audio(std::uint32_t stamp, const Bytes& data, std::uint8_t packet_type = 1) {
    Bytes body = {0xaf, packet_type};
    body.insert(body.end(), data.begin(), data.end());
    return tag(8, stamp, body);
  }
  FlvBuilder& configurations() {
    return video(0, kAvcConfiguration, true, 0).audio(0, kAacConfiguration, 0);
  }
  [[nodiscard]] Bytes take() { return writer_.take(); }

 private:
  ByteWriter writer_;
};

inline void amf_name(ByteWriter& writer, std::string_view name) {
  writer.u16(static_cast<std::uint16_t>(name.size()));
  writer.text(name);
}

inline void amf_number(ByteWriter& writer, std::string_view name, double value) {
  amf_name(writer, name);
  writer.u8(0);
  writer.u64(std::bit_cast<std::uint64_t>(value));
}

// ffmpeg's script data at the start: of a picture, and of sound when requested.
inline Bytes metadata(bool with_audio) {
  ByteWriter writer;
  writer.u8(2);
  amf_name(writer, "onMetaData");
  writer.u8(8);
  writer.u32(9);
  amf_number(writer, "width", 1280);
  amf_name(writer, "stereo");
  writer.u16(0x0101);
  amf_name(writer, "keyframes");  // object { times: strict array of 2 numbers }
  writer.u8(3);
  amf_name(writer, "times");
  writer.u8(10);
  writer.u32(2);
  for (int i = 0; i < 2; ++i) {
    writer.u8(0);
    writer.u64(0);
  }
  writer.u24(9);
  amf_name(writer, "date");
  writer.u8(11);
  writer.zeros(10);
  amf_name(writer, "encoder");
  writer.u8(2);
  amf_name(writer, "Lavf59");
  amf_number(writer, "framerate", 29.97);
  amf_number(writer, "videocodecid", 7);
  if (with_audio) amf_number(writer, "audiocodecid", 10);
  writer.u24(9);
  return writer.take();
}

}  // namespace livestream
