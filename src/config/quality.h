#pragma once

#include "config/encoding_settings.h"

namespace livestream {

// The meaning of VIDEO_QUALITY q for the encoder: crf is 40 - 22q, halves rounded up; scale, of
// each side, is 0.25 + 0.75q.
struct Quality {
  int crf = 23;
  double scale = 1.0;
};

// `quality` in 0..1.
[[nodiscard]] Quality quality_of(double quality);

// The CRF of VIDEO_QUALITY when it is set, else VIDEO_CRF.
[[nodiscard]] int effective_crf(const EncodingSettings& encoding);

}  // namespace livestream
