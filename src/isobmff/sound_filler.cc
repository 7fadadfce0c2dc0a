#include "isobmff/sound_filler.h"

#include <algorithm>

namespace livestream {
namespace {

constexpr std::int64_t kPatienceMs = 1'000;
// Sound that trails the picture by more is moved by the timeline.
constexpr std::int64_t kMostLagMs = 2'000;
// From here on silence is news.
constexpr std::int64_t kMissingMs = 1'000;

}  // namespace

void SoundFiller::begin_run(std::int64_t start_ms) {
  start_ms_ = start_ms;
  usual_lag_ms_ = 0;
  filling_from_ms_.reset();
}

void SoundFiller::on_sound(std::int64_t end_ms, std::int64_t picture_ms) {
  filling_from_ms_.reset();
  // A lag is forgotten slowly: by a millisecond a frame.
  const std::int64_t lag_ms = std::min(picture_ms - end_ms, kMostLagMs);
  usual_lag_ms_ = std::max({std::int64_t{0}, lag_ms, usual_lag_ms_ - 1});
}

void SoundFiller::on_late_sound(std::int64_t stamp_ms, std::int64_t picture_ms) {
  const std::int64_t lag_ms = std::min(picture_ms - stamp_ms, kMostLagMs);
  usual_lag_ms_ = std::max(usual_lag_ms_, lag_ms);
}

std::optional<std::int64_t> SoundFiller::due(std::int64_t picture_ms, std::int64_t end_ms,
                                             bool is_silent) {
  const std::int64_t end = std::max(end_ms, start_ms_);
  is_silent_ = is_silent;
  if (!filling_from_ms_) {
    if (!is_silent && picture_ms - end <= kPatienceMs + usual_lag_ms_) return {};
    filling_from_ms_ = end;
  }
  const std::int64_t until_ms = picture_ms - (is_silent ? 0 : usual_lag_ms_);
  filled_until_ms_ = std::max(end, until_ms);
  if (until_ms <= end) return {};
  return until_ms;
}

bool SoundFiller::sound_is_missing() const {
  return filling_from_ms_ && !is_silent_ &&
         filled_until_ms_ - *filling_from_ms_ >= kPatienceMs + kMissingMs;
}

}  // namespace livestream
