#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace livestream {

// AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3.1. The views point into the record read.
struct H264Configuration {
  std::uint8_t profile_idc = 0;
  std::uint8_t constraint_flags = 0;
  std::uint8_t level_idc = 0;
  std::size_t nal_length_size = 0;                // 1..4
  std::vector<ByteView> sequence_parameter_sets;  // at least one; NAL units, header included
  std::vector<ByteView> picture_parameter_sets;
};
[[nodiscard]] Result<H264Configuration> read_h264_configuration(ByteView record);

// The parameter sets of one access unit: NAL units, headers included.
struct H264ParameterSets {
  std::vector<Bytes> sequence;
  std::vector<Bytes> picture;
};
// The configuration of a video that goes on with these sets, for four-byte NAL lengths. Empty if
// `record` has all sequence sets already, or the sets cannot be read.
[[nodiscard]] Bytes h264_configuration_after(ByteView record, const H264ParameterSets& sets);

// `access_unit` (four-byte NAL lengths) with the parameter sets of `record` before its first slice,
// unless it has sets of both kinds itself. A decoder then follows a change of size even in a player
// that ignores a second moov.
[[nodiscard]] Bytes h264_with_parameter_sets(Bytes access_unit, ByteView record);

// The fields of a sequence parameter set that are used here, ISO/IEC 14496-10 §7.3.2.1.1.
struct H264Parameters {
  std::uint8_t profile_idc = 0;
  std::uint32_t chroma_format_idc = 1;  // 0: monochrome, 1: 4:2:0, 2: 4:2:2, 3: 4:4:4
  std::uint32_t bit_depth = 8;          // the larger of luma's and chroma's
  bool frame_mbs_only = true;           // false: pictures may be interlaced
  std::uint32_t width = 0;              // after cropping
  std::uint32_t height = 0;
};
// `nal_unit` begins with its header byte and still has its emulation prevention bytes.
[[nodiscard]] Result<H264Parameters> read_h264_parameters(ByteView nal_unit);

// RFC 6381 §3.3, from the record's own bytes: avc1.42C01F.
[[nodiscard]] std::string h264_codec_string(const H264Configuration& configuration);

// The reason why browsers cannot play this video, as a sentence; empty when they can.
// VIDEO_CODEC=copy refuses such a source.
[[nodiscard]] std::string h264_refusal(ByteView record);

}  // namespace livestream
