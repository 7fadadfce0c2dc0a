#include "config/quality.h"

#include <cmath>

#include "base/check.h"

namespace livestream {

Quality quality_of(double quality) {
  CHECK(quality >= 0 && quality <= 1);
  // Exact, because the only decimals that give a half, 0.25 and 0.75, are exact in binary.
  return {.crf = static_cast<int>(std::floor(40.5 - 22 * quality)), .scale = 0.25 + 0.75 * quality};
}

int effective_crf(const EncodingSettings& encoding) {
  return encoding.video_quality ? quality_of(*encoding.video_quality).crf : encoding.video_crf;
}

}  // namespace livestream
