#include "isobmff/audio_clock.h"

#include "media/media_time.h"

namespace livestream {
namespace {

// More than the stamps' rounding and an encoder's priming, less than the eye misses in lip
// movement.
constexpr std::int64_t kMaxDriftMs = 40;

}  // namespace

void AudioClock::set_format(std::uint32_t sample_rate, std::uint32_t samples_per_frame) {
  if (next_ && sample_rate != sample_rate_) {
    next_ = MediaTime{*next_, sample_rate_}.in(sample_rate).ticks + 1;
  }
  sample_rate_ = sample_rate;
  samples_per_frame_ = samples_per_frame;
}

std::optional<std::int64_t> AudioClock::next(std::int64_t stamp_ms) {
  const std::int64_t stamp = MediaTime{stamp_ms, 1000}.in(sample_rate_).ticks;
  if (!next_) {
    if (stamp < 0) return {};
    next_ = stamp;
  }
  const std::int64_t drift = stamp - *next_;
  const std::int64_t max_drift = kMaxDriftMs * sample_rate_ / 1000;
  if (drift < -max_drift) return {};
  const bool believed = drift > (run_begins_ ? 0 : max_drift);
  run_begins_ = false;
  const std::int64_t decode = believed ? stamp : *next_;
  next_ = decode + samples_per_frame_;
  return decode;
}

}  // namespace livestream
