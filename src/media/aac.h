#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace livestream {

// AudioSpecificConfig, ISO/IEC 14496-3 §1.6.2.1.
struct AacConfiguration {
  std::uint32_t object_type = 0;        // as signalled first: 2 AAC-LC, 5 HE-AAC, 29 HE-AAC v2
  std::uint32_t sample_rate = 0;        // of the core coder, in which `samples_per_frame` counts
  std::uint32_t channels = 0;           // of the core coder
  std::uint32_t samples_per_frame = 0;  // 1024 or 960
};
[[nodiscard]] Result<AacConfiguration> read_aac_configuration(ByteView config);

// RFC 6381 §3.3: mp4a.40.2
[[nodiscard]] std::string aac_codec_string(const AacConfiguration& configuration);

}  // namespace livestream
