#include "flv/flv_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "flv/script_data.h"
#include "media/aac.h"
#include "media/h264.h"

namespace livestream {
namespace {

constexpr std::size_t kFileHeaderSize = 9;
constexpr std::size_t kPreviousTagSize = 4;
constexpr std::size_t kTagHeaderSize = 11;
constexpr std::size_t kVideoHeaderSize = 5;  // frame and codec, packet type, composition offset
constexpr std::size_t kAudioHeaderSize = 2;  // format, packet type
constexpr std::uint32_t kMaxFileHeaderSize = 4096;

constexpr std::uint8_t kAvc = 7;
constexpr std::uint8_t kAac = 10;
constexpr std::uint8_t kKeyframe = 1;
constexpr std::uint8_t kCommandFrame = 5;
constexpr std::uint8_t kConfiguration = 0;  // packet types of both codecs
constexpr std::uint8_t kCodedFrame = 1;
// nal_unit_type
constexpr std::uint8_t kIdrSlice = 5;
constexpr std::uint8_t kSequenceParameterSet = 7;
constexpr std::uint8_t kPictureParameterSet = 8;
constexpr std::uint32_t kVideoTimescale = 90'000;

std::string video_codec_name(std::uint8_t id) {
  switch (id) {
    case 2:
      return "Sorenson H.263";
    case 3:
      return "Screen Video";
    case 4:
      return "VP6";
    case 5:
      return "VP6 with alpha";
    case 6:
      return "Screen Video 2";
    case 12:
      return "HEVC";
    default:
      return fmt::format("number {} of FLV", id);
  }
}

std::string audio_codec_name(std::uint8_t format) {
  switch (format) {
    case 0:
    case 3:
      return "PCM";
    case 1:
      return "ADPCM";
    case 2:
    case 14:
      return "MP3";
    case 4:
    case 5:
    case 6:
      return "Nellymoser";
    case 7:
      return "G.711 A-law";
    case 8:
      return "G.711 mu-law";
    case 9:
      return "of an enhanced FLV type (Opus, AC-3, FLAC)";
    case 11:
      return "Speex";
    default:
      return fmt::format("number {} of FLV", format);
  }
}

// The video codec of an enhanced FLV tag (Enhanced RTMP v1).
std::string four_cc_name(ByteView four_cc) {
  const std::string_view code(reinterpret_cast<const char*>(four_cc.data()), four_cc.size());
  if (code == "hvc1") return "HEVC";
  if (code == "av01") return "AV1";
  if (code == "vp09") return "VP9";
  return "of an enhanced FLV type";
}

tl::unexpected<Error> unsupported_video(const std::string& name) {
  return fail(fmt::format(
      "the source's video codec is {}, and only H.264 can be passed on as it is", name));
}

tl::unexpected<Error> unsupported_audio(const std::string& name) {
  return fail(
      fmt::format("the source's audio codec is {}, and only AAC can be passed on as it is", name));
}

struct AccessUnit {
  bool has_idr = false;
  H264ParameterSets sets;
};

void note(ByteView nal_unit, AccessUnit& unit) {
  if (nal_unit.empty()) return;
  const int type = nal_unit[0] & 0x1f;
  if (type == kIdrSlice) unit.has_idr = true;
  if (type != kSequenceParameterSet && type != kPictureParameterSet) return;
  (type == kSequenceParameterSet ? unit.sets.sequence : unit.sets.picture)
      .emplace_back(nal_unit.begin(), nal_unit.end());
}

// Makes every NAL unit's length four bytes and tells what is among them. False when the lengths do
// not add up. Does not change `data` when the lengths have four bytes already.
bool normalize_nal_units(Bytes& data, std::size_t length_size, AccessUnit& unit) {
  ByteWriter longer;
  ByteReader reader(data);
  while (reader.remaining() > 0) {
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < length_size; ++i) size = size << 8 | reader.u8();
    const ByteView nal_unit = reader.bytes(size);
    if (!reader.ok()) return false;
    note(nal_unit, unit);
    if (length_size == 4) continue;
    longer.u32(size);
    longer.bytes(nal_unit);
  }
  if (length_size != 4) data = longer.take();
  return true;
}

std::int32_t signed_24(std::uint32_t value) { return static_cast<std::int32_t>(value << 8) >> 8; }

}  // namespace

Result<std::vector<Packet>> FlvReader::read(ByteView bytes) {
  std::vector<Packet> packets;
  while (!bytes.empty()) {
    std::size_t taken = 0;
    if (state_ == State::kSkip) {
      taken = std::min(skip_left_, bytes.size());
      skip_left_ -= taken;
      if (skip_left_ == 0) want_head(State::kTagHeader, kPreviousTagSize + kTagHeaderSize);
    } else if (state_ == State::kPayload) {
      taken = std::min(payload_left_, bytes.size());
      payload_.insert(payload_.end(), bytes.begin(),
                      bytes.begin() + static_cast<std::ptrdiff_t>(taken));
      payload_left_ -= taken;
    } else {
      taken = std::min(head_wanted_ - head_size_, bytes.size());
      std::copy_n(bytes.begin(), taken, head_.begin() + static_cast<std::ptrdiff_t>(head_size_));
      head_size_ += taken;
    }
    bytes = bytes.subspan(taken);
    if (Result<void> done = step(packets); !done) return tl::unexpected(std::move(done.error()));
  }
  return packets;
}

// Processes a complete group of fields or a complete payload.
Result<void> FlvReader::step(std::vector<Packet>& packets) {
  if (state_ == State::kPayload) return payload_left_ == 0 ? on_payload(packets) : Result<void>{};
  if (state_ == State::kSkip || head_size_ < head_wanted_) return {};
  switch (state_) {
    case State::kFileHeader:
      return on_file_header();
    case State::kTagHeader:
      return on_tag_header();
    default:
      break;
  }
  if (Result<void> done = on_media_header(); !done) return done;
  // An empty payload is complete at once.
  return state_ == State::kPayload && payload_left_ == 0 ? on_payload(packets) : Result<void>{};
}

void FlvReader::want_head(State state, std::size_t size) {
  state_ = state;
  head_size_ = 0;
  head_wanted_ = size;
}

void FlvReader::skip(std::size_t size) {
  if (size == 0) return want_head(State::kTagHeader, kPreviousTagSize + kTagHeaderSize);
  state_ = State::kSkip;
  skip_left_ = size;
}

Result<void> FlvReader::on_file_header() {
  ByteReader reader(head_);
  const bool is_flv = reader.u24() == 0x464c56;  // "FLV"
  reader.skip(2);                                // version, which kinds may follow
  const std::uint32_t size = reader.u32();
  if (!is_flv) return fail("the source's output is not FLV");
  if (size < kFileHeaderSize || size > kMaxFileHeaderSize)
    return fail("the FLV file header is broken");
  skip(size - kFileHeaderSize);
  return {};
}

Result<void> FlvReader::on_tag_header() {
  ByteReader reader(head_);
  reader.skip(kPreviousTagSize);
  const std::uint8_t type = reader.u8();
  const std::uint32_t size = reader.u24();
  const std::uint32_t low = reader.u24();
  tag_stamp_ = static_cast<std::uint32_t>(reader.u8()) << 24 | low;
  if ((type & 0xe0) != 0) return fail("the FLV stream is encrypted or out of step");
  tag_type_ = static_cast<TagType>(type);
  switch (tag_type_) {
    case TagType::kVideo:
    case TagType::kAudio: {
      const std::size_t head = tag_type_ == TagType::kVideo ? kVideoHeaderSize : kAudioHeaderSize;
      payload_left_ = size;
      if (size == 0) {
        skip(0);
      } else {
        want_head(State::kMediaHeader, std::min<std::size_t>(size, head));
      }
      break;
    }
    case TagType::kScript:
      if (size == 0) {
        skip(0);
      } else {
        state_ = State::kPayload;
        payload_left_ = size;
        payload_ = Bytes();
        payload_.reserve(size);
      }
      break;
    default:
      skip(size);
      break;
  }
  return {};
}

Result<void> FlvReader::on_media_header() {
  const std::size_t after = payload_left_ - head_wanted_;
  const ByteView four_cc = ByteView(head_).subspan(1, std::min<std::size_t>(4, head_wanted_ - 1));
  bool whole = false;
  if (tag_type_ == TagType::kVideo) {
    const std::uint8_t frame_type = head_[0] >> 4;
    const std::uint8_t codec = head_[0] & 0x0f;
    if ((head_[0] & 0x80) != 0) return unsupported_video(four_cc_name(four_cc));
    if (frame_type == kCommandFrame) {
      skip(after);
      return {};
    }
    if (codec != kAvc) return unsupported_video(video_codec_name(codec));
    whole = head_wanted_ == kVideoHeaderSize;
    keyframe_ = frame_type == kKeyframe;
    composition_offset_ms_ = signed_24(static_cast<std::uint32_t>(head_[2]) << 16 |
                                       static_cast<std::uint32_t>(head_[3]) << 8 | head_[4]);
  } else {
    const std::uint8_t format = head_[0] >> 4;
    if (format != kAac) return unsupported_audio(audio_codec_name(format));
    whole = head_wanted_ == kAudioHeaderSize;
  }
  packet_type_ = head_[1];
  if (!whole || packet_type_ > kCodedFrame) {  // cut off, or AVC's end of sequence
    skip(after);
    return {};
  }
  state_ = State::kPayload;
  payload_left_ = after;
  payload_ = Bytes();
  payload_.reserve(after);
  return {};
}

Result<void> FlvReader::on_payload(std::vector<Packet>& packets) {
  // By default the rest of this tag is skipped.
  skip(0);
  if (tag_type_ == TagType::kVideo) return on_video(packets);
  if (tag_type_ == TagType::kAudio) return on_audio(packets);
  ContainerInfo info;
  if (read_metadata(payload_, info)) packets.emplace_back(info);
  return {};
}

Result<void> FlvReader::on_video(std::vector<Packet>& packets) {
  if (payload_.empty()) return {};
  if (packet_type_ == kConfiguration) return on_video_configuration(packets);
  if (nal_length_size_ == 0) return {};
  Sample sample;
  sample.kind = TrackKind::kVideo;
  sample.decode_ms = unwrap(tag_stamp_);
  sample.composition_offset_ms = composition_offset_ms_;
  AccessUnit unit;
  if (!normalize_nal_units(payload_, nal_length_size_, unit)) return {};
  sample.independent = keyframe_ && unit.has_idr;
  if (sample.independent) {
    // Most pictures that stand alone repeat the sets of the configuration, or have none.
    Bytes next = h264_configuration_after(video_configuration_, unit.sets);
    const Result<void> told =
        next.empty() ? Result<void>{} : describe_video(std::move(next), packets);
    if (!told) return told;
  }
  sample.data = std::move(payload_);
  packets.emplace_back(std::move(sample));
  return {};
}

Result<void> FlvReader::on_video_configuration(std::vector<Packet>& packets) {
  const Result<H264Configuration> configuration = read_h264_configuration(payload_);
  if (!configuration) return tl::unexpected(configuration.error());
  nal_length_size_ = configuration->nal_length_size;
  return describe_video(std::move(payload_), packets);
}

Result<void> FlvReader::describe_video(Bytes record, std::vector<Packet>& packets) {
  const Result<H264Configuration> configuration = read_h264_configuration(record);
  if (!configuration) return tl::unexpected(configuration.error());
  const Result<H264Parameters> parameters =
      read_h264_parameters(configuration->sequence_parameter_sets.front());
  if (!parameters) return tl::unexpected(parameters.error());
  Track track;
  track.kind = TrackKind::kVideo;
  track.timescale = kVideoTimescale;
  track.codec = h264_codec_string(*configuration);
  track.width = parameters->width;
  track.height = parameters->height;
  // lengthSizeMinusOne: the samples have four-byte lengths.
  record[4] |= 3;
  video_configuration_ = record;
  track.decoder_config = std::move(record);
  packets.emplace_back(std::move(track));
  return {};
}

Result<void> FlvReader::on_audio(std::vector<Packet>& packets) {
  if (payload_.empty()) return {};
  if (packet_type_ == kConfiguration) return on_audio_configuration(packets);
  if (!has_audio_configuration_) return {};
  Sample sample;
  sample.kind = TrackKind::kAudio;
  sample.independent = true;
  sample.decode_ms = unwrap(tag_stamp_);
  sample.data = std::move(payload_);
  packets.emplace_back(std::move(sample));
  return {};
}

Result<void> FlvReader::on_audio_configuration(std::vector<Packet>& packets) {
  const Result<AacConfiguration> configuration = read_aac_configuration(payload_);
  if (!configuration) return tl::unexpected(configuration.error());
  has_audio_configuration_ = true;
  Track track;
  track.kind = TrackKind::kAudio;
  track.timescale = configuration->sample_rate;
  track.codec = aac_codec_string(*configuration);
  track.channels = configuration->channels;
  track.decoder_config = std::move(payload_);
  packets.emplace_back(std::move(track));
  return {};
}

// Writers wrap the stamp at 2^31 (ffmpeg masks the sign bit) or at 2^32. The smallest difference
// modulo 2^31 from the previous tag, of either kind, follows both. A jump of more than 12 days
// looks like a jump back.
std::int64_t FlvReader::unwrap(std::uint32_t stamp) {
  if (!last_ms_) {
    last_ms_ = static_cast<std::int32_t>(stamp);
  } else {
    const std::uint32_t difference = stamp - static_cast<std::uint32_t>(*last_ms_);
    *last_ms_ += static_cast<std::int32_t>(difference << 1) >> 1;
  }
  return *last_ms_;
}

}  // namespace livestream
