#pragma once

#include "config/encoding_settings.h"

namespace livestream {

// VIDEO_QUALITY as the encoder wants it: crf = round half up of 40 - 22q, scale = 0.25 + 0.75q of
// each side.
struct Quality {
  int crf = 23;
  double scale = 1.0;
};

// `quality` in 0..1.
[[nodiscard]] Quality quality_of(double quality);

// The CRF in force: VIDEO_QUALITY's, else VIDEO_CRF.
[[nodiscard]] int effective_crf(const EncodingSettings& encoding);

}  // namespace livestream
