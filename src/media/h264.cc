#include "media/h264.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "media/bit_reader.h"

namespace livestream {
namespace {

constexpr std::uint8_t kSequenceParameterSet = 7;
constexpr std::uint8_t kPictureParameterSet = 8;
constexpr std::uint8_t kAccessUnitDelimiter = 9;
constexpr std::uint32_t kMaxMacroblocks = 2048;  // 32768 samples a side; no level allows more

// The raw byte sequence payload after the NAL unit's header, §7.3.1: without the 3 of each 0 0 3.
Bytes unescaped(ByteView nal_unit) {
  Bytes payload;
  payload.reserve(nal_unit.size());
  int zeros = 0;
  for (const std::uint8_t byte : nal_unit.subspan(1)) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    payload.push_back(byte);
  }
  return payload;
}

bool has_chroma_fields(std::uint8_t profile_idc) {
  constexpr std::array<std::uint8_t, 13> kProfiles = {100, 110, 122, 244, 44,  83, 86,
                                                      118, 128, 138, 139, 134, 135};
  return std::find(kProfiles.begin(), kProfiles.end(), profile_idc) != kProfiles.end();
}

void skip_scaling_list(BitReader& bits, int size) {  // §7.3.2.1.1.1
  std::int64_t last = 8;
  std::int64_t next = 8;
  for (int i = 0; i < size && bits.ok(); ++i) {
    if (next != 0) next = (last + bits.signed_exp_golomb()) & 0xff;
    if (next != 0) last = next;
  }
}

void read_chroma_fields(BitReader& bits, H264Parameters& parameters, bool& separate_planes) {
  parameters.chroma_format_idc = bits.unsigned_exp_golomb();
  if (parameters.chroma_format_idc == 3) separate_planes = bits.flag();
  const std::uint32_t luma_minus8 = bits.unsigned_exp_golomb();
  const std::uint32_t chroma_minus8 = bits.unsigned_exp_golomb();
  parameters.bit_depth = 8 + std::max(std::min(luma_minus8, 8U), std::min(chroma_minus8, 8U));
  bits.skip(1);  // qpprime_y_zero_transform_bypass_flag
  if (!bits.flag()) return;
  const int lists = parameters.chroma_format_idc == 3 ? 12 : 8;
  for (int i = 0; i < lists; ++i) {
    if (bits.flag()) skip_scaling_list(bits, i < 6 ? 16 : 64);
  }
}

void skip_picture_order(BitReader& bits) {
  const std::uint32_t type = bits.unsigned_exp_golomb();
  if (type == 0) {
    bits.unsigned_exp_golomb();  // log2_max_pic_order_cnt_lsb_minus4
  } else if (type == 1) {
    bits.skip(1);  // delta_pic_order_always_zero_flag
    bits.signed_exp_golomb();
    bits.signed_exp_golomb();
    const std::uint32_t cycle = bits.unsigned_exp_golomb();
    for (std::uint32_t i = 0; i < cycle && bits.ok(); ++i) bits.signed_exp_golomb();
  }
}

// Sets width and height; false when cropping leaves nothing or the size is absurd.
bool read_size(BitReader& bits, H264Parameters& parameters, bool separate_planes) {
  const std::uint32_t columns_minus1 = bits.unsigned_exp_golomb();
  const std::uint32_t rows_minus1 = bits.unsigned_exp_golomb();
  parameters.frame_mbs_only = bits.flag();
  if (!parameters.frame_mbs_only) bits.skip(1);  // mb_adaptive_frame_field_flag
  bits.skip(1);                                  // direct_8x8_inference_flag
  std::uint64_t left = 0, right = 0, top = 0, bottom = 0;
  if (bits.flag()) {
    left = bits.unsigned_exp_golomb();
    right = bits.unsigned_exp_golomb();
    top = bits.unsigned_exp_golomb();
    bottom = bits.unsigned_exp_golomb();
  }
  if (columns_minus1 >= kMaxMacroblocks || rows_minus1 >= kMaxMacroblocks) return false;

  const std::uint32_t fields = parameters.frame_mbs_only ? 1 : 2;
  const std::uint32_t chroma = separate_planes ? 0 : parameters.chroma_format_idc;
  const std::uint32_t crop_x = chroma == 1 || chroma == 2 ? 2 : 1;
  const std::uint32_t crop_y = (chroma == 1 ? 2 : 1) * fields;
  const std::uint64_t width = std::uint64_t{16} * (columns_minus1 + 1);
  const std::uint64_t height = std::uint64_t{16} * (rows_minus1 + 1) * fields;
  const std::uint64_t cut_x = (left + right) * crop_x;
  const std::uint64_t cut_y = (top + bottom) * crop_y;
  if (cut_x >= width || cut_y >= height) return false;
  parameters.width = static_cast<std::uint32_t>(width - cut_x);
  parameters.height = static_cast<std::uint32_t>(height - cut_y);
  return true;
}

std::string profile_name(std::uint8_t profile_idc) {
  switch (profile_idc) {
    case 44:
      return "CAVLC 4:4:4 Intra";
    case 88:
      return "Extended";
    case 110:
      return "High 10";
    case 122:
      return "High 4:2:2";
    case 244:
      return "High 4:4:4 Predictive";
    default:
      return fmt::format("number {}", profile_idc);
  }
}

Bytes write_configuration(const H264Parameters& parameters, const H264ParameterSets& sets) {
  ByteWriter writer;
  writer.u8(1);
  writer.bytes(ByteView(sets.sequence.front()).subspan(1, 3));
  writer.u8(0xff);  // four-byte lengths
  writer.u8(static_cast<std::uint8_t>(0xe0 | sets.sequence.size()));
  for (const Bytes& set : sets.sequence) {
    writer.u16(static_cast<std::uint16_t>(set.size()));
    writer.bytes(set);
  }
  writer.u8(static_cast<std::uint8_t>(sets.picture.size()));
  for (const Bytes& set : sets.picture) {
    writer.u16(static_cast<std::uint16_t>(set.size()));
    writer.bytes(set);
  }
  if (!has_chroma_fields(parameters.profile_idc)) return writer.take();
  writer.u8(static_cast<std::uint8_t>(0xfc | parameters.chroma_format_idc));
  writer.u8(static_cast<std::uint8_t>(0xf8 | (parameters.bit_depth - 8)));
  writer.u8(static_cast<std::uint8_t>(0xf8 | (parameters.bit_depth - 8)));
  writer.u8(0);  // no extensions of sequence parameter sets
  return writer.take();
}

bool is_storable(const std::vector<Bytes>& sets, std::size_t most) {
  return sets.size() <= most && std::all_of(sets.begin(), sets.end(),
                                            [](const Bytes& set) { return set.size() <= 0xffff; });
}

}  // namespace

Result<H264Configuration> read_h264_configuration(ByteView record) {
  ByteReader reader(record);
  H264Configuration configuration;
  const std::uint8_t version = reader.u8();
  configuration.profile_idc = reader.u8();
  configuration.constraint_flags = reader.u8();
  configuration.level_idc = reader.u8();
  configuration.nal_length_size = (reader.u8() & 3U) + 1;
  const int sets = reader.u8() & 0x1f;
  for (int i = 0; i < sets; ++i) {
    configuration.sequence_parameter_sets.push_back(reader.bytes(reader.u16()));
  }
  const int picture_sets = reader.u8();
  for (int i = 0; i < picture_sets; ++i)
    configuration.picture_parameter_sets.push_back(reader.bytes(reader.u16()));
  if (!reader.ok() || version != 1)
    return fail("the H.264 decoder configuration is cut short or unknown");
  if (sets == 0) return fail("the H.264 decoder configuration has no sequence parameter set");
  return configuration;
}

Bytes h264_configuration_after(ByteView record, const H264ParameterSets& sets) {
  const Result<H264Configuration> now = read_h264_configuration(record);
  if (!now || sets.sequence.empty()) return {};
  const auto& known = now->sequence_parameter_sets;
  const auto is_known = [&](const Bytes& set) {
    return std::any_of(known.begin(), known.end(), [&](ByteView one) {
      return std::equal(one.begin(), one.end(), set.begin(), set.end());
    });
  };
  if (std::all_of(sets.sequence.begin(), sets.sequence.end(), is_known)) return {};
  const Result<H264Parameters> parameters = read_h264_parameters(sets.sequence.front());
  if (!parameters || !is_storable(sets.sequence, 31) || !is_storable(sets.picture, 255)) return {};
  H264ParameterSets next = sets;
  if (next.picture.empty()) {
    for (const ByteView set : now->picture_parameter_sets)
      next.picture.emplace_back(set.begin(), set.end());
  }
  return write_configuration(*parameters, next);
}

Bytes h264_with_parameter_sets(Bytes access_unit, ByteView record) {
  bool has_sequence = false;
  bool has_picture = false;
  // A delimiter stays first (ISO/IEC 14496-10 §7.4.1.2.3).
  std::size_t at = 0;
  ByteReader reader(access_unit);
  while (reader.remaining() > 0) {
    const ByteView nal_unit = reader.bytes(reader.u32());
    if (!reader.ok()) return access_unit;
    const int type = nal_unit.empty() ? 0 : nal_unit[0] & 0x1f;
    if (type == kAccessUnitDelimiter) at = access_unit.size() - reader.remaining();
    has_sequence = has_sequence || type == kSequenceParameterSet;
    has_picture = has_picture || type == kPictureParameterSet;
  }
  const Result<H264Configuration> configuration = read_h264_configuration(record);
  if ((has_sequence && has_picture) || !configuration) return access_unit;
  ByteWriter writer;
  // Two bytes more for each set's length than in the record.
  writer.reserve(access_unit.size() + 2 * record.size());
  writer.bytes(ByteView(access_unit).first(at));
  for (const auto* sets :
       {&configuration->sequence_parameter_sets, &configuration->picture_parameter_sets}) {
    for (const ByteView set : *sets) {
      writer.u32(static_cast<std::uint32_t>(set.size()));
      writer.bytes(set);
    }
  }
  writer.bytes(ByteView(access_unit).subspan(at));
  return writer.take();
}

Result<H264Parameters> read_h264_parameters(ByteView nal_unit) {
  if (nal_unit.empty() || (nal_unit[0] & 0x1f) != kSequenceParameterSet) {
    return fail("not an H.264 sequence parameter set");
  }
  const Bytes payload = unescaped(nal_unit);
  BitReader bits(payload);
  H264Parameters parameters;
  parameters.profile_idc = static_cast<std::uint8_t>(bits.bits(8));
  bits.skip(16);               // constraint flags, level_idc
  bits.unsigned_exp_golomb();  // seq_parameter_set_id
  bool separate_planes = false;
  if (has_chroma_fields(parameters.profile_idc))
    read_chroma_fields(bits, parameters, separate_planes);
  bits.unsigned_exp_golomb();  // log2_max_frame_num_minus4
  skip_picture_order(bits);
  bits.unsigned_exp_golomb();  // max_num_ref_frames
  bits.skip(1);                // gaps_in_frame_num_value_allowed_flag
  const bool sized = read_size(bits, parameters, separate_planes);
  bits.skip(1);  // vui_parameters_present_flag
  if (!bits.ok()) return fail("the H.264 sequence parameter set is cut short");
  if (!sized || parameters.chroma_format_idc > 3) {
    return fail("the H.264 sequence parameter set has impossible values");
  }
  return parameters;
}

std::string h264_codec_string(const H264Configuration& configuration) {
  return fmt::format("avc1.{:02X}{:02X}{:02X}", configuration.profile_idc,
                     configuration.constraint_flags, configuration.level_idc);
}

std::string h264_refusal(ByteView record) {
  const Result<H264Configuration> configuration = read_h264_configuration(record);
  if (!configuration) return configuration.error().message;
  for (const ByteView nal_unit : configuration->sequence_parameter_sets) {
    const Result<H264Parameters> parameters = read_h264_parameters(nal_unit);
    if (!parameters) return parameters.error().message;
    const std::uint8_t profile = parameters->profile_idc;
    if (profile != 66 && profile != 77 && profile != 100) {
      return fmt::format("browsers do not play H.264 of profile {}, only Baseline, Main and High",
                         profile_name(profile));
    }
    if (!parameters->frame_mbs_only) return "browsers do not play interlaced H.264 properly";
    if (parameters->chroma_format_idc != 1) return "browsers only play H.264 with 4:2:0 chroma";
    if (parameters->bit_depth > 8) {
      return fmt::format("browsers only play H.264 of 8 bits a sample, this has {}",
                         parameters->bit_depth);
    }
  }
  return {};
}

}  // namespace livestream
