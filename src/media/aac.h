#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace livestream {

// Audio object type of AAC-LC, ISO/IEC 14496-3 §1.5.1.
inline constexpr std::uint32_t kAacLowComplexity = 2;
// Samples of each channel in one access unit of most AAC.
inline constexpr std::uint32_t kAacFrameSamples = 1024;

// AudioSpecificConfig, ISO/IEC 14496-3 §1.6.2.1.
struct AacConfiguration {
  std::uint32_t object_type = 0;        // as signalled first: 2 AAC-LC, 5 HE-AAC, 29 HE-AAC v2
  std::uint32_t sample_rate = 0;        // of the core coder, in which `samples_per_frame` counts
  std::uint32_t channels = 0;           // of the core coder
  std::uint32_t samples_per_frame = 0;  // 1024 or 960
  bool replicates_spectrum = false;     // AAC-LC that is told to have HE-AAC's addition
};
[[nodiscard]] Result<AacConfiguration> read_aac_configuration(ByteView config);

// The configuration of AAC-LC with one or two channels. It says that there is no spectral band
// replication, except at rates of 24 kHz and less, where sound may have it without a word.
// `sample_rate` is one that has an index.
[[nodiscard]] Bytes aac_lc_configuration(std::uint32_t sample_rate, std::uint32_t channels);

// samplingFrequencyIndex, §1.6.3.4; 0: it has no meaning.
[[nodiscard]] std::uint32_t aac_sample_rate(std::uint32_t index);

// Whether an access unit begins as one of one or two `channels` does (§4.4.2.1).
[[nodiscard]] bool may_be_aac_unit(ByteView unit, std::uint32_t channels);

// RFC 6381 §3.3: mp4a.40.2
[[nodiscard]] std::string aac_codec_string(const AacConfiguration& configuration);

}  // namespace livestream
