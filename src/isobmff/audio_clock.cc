#include "isobmff/audio_clock.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "media/media_time.h"

namespace livestream {
namespace {

// More than the stamps' rounding and an encoder's priming, less than the eye misses in lip
// movement.
constexpr std::int64_t kMaxDriftMs = 40;
// A difference that lasts this long is not jitter.
constexpr std::int64_t kLastsMs = 500;
// From one frame to the next: the source left something out or went back.
constexpr std::int64_t kLeapMs = 450;
// By how much the drift may change within half of kLastsMs; more is a clock that is wrong.
constexpr std::int64_t kMaxSlopeMs = 15;
// Shorter than this, bursts hide how fast the stamps run; and how long a start's backlog may come.
constexpr std::chrono::seconds kJudged{3};
constexpr std::chrono::seconds kBacklog{1};

// The value nearest to zero when all are on one side of it, else zero.
template <typename Iterator>
std::int64_t nearest_to_zero(Iterator begin, Iterator end) {
  const auto [least, most] = std::minmax_element(begin, end);
  if (*least > 0) return *least;
  return std::min<std::int64_t>(*most, 0);
}

}  // namespace

void AudioClock::resync() {
  believes_next_ = true;
  frames_to_drop_ = 0;
  drifts_.clear();
  arrivals_.clear();
}

void AudioClock::set_format(std::uint32_t sample_rate, std::uint32_t samples_per_frame) {
  if (sample_rate != sample_rate_) {
    if (end_) end_ = MediaTime{*end_, sample_rate_}.in(sample_rate).ticks + 1;
    drifts_.clear();
    arrivals_.clear();
  }
  sample_rate_ = sample_rate;
  samples_per_frame_ = samples_per_frame;
}

std::optional<std::int64_t> AudioClock::place(std::int64_t stamp_ms, SteadyTime now) {
  const std::int64_t stamp = MediaTime{stamp_ms, 1000}.in(sample_rate_).ticks;
  if (!end_) {
    if (stamp < 0) return {};
    believes_next_ = false;
    resynced_ = now;
    return stamp;
  }
  const std::int64_t drift = stamp - *end_;
  count_ += samples_per_frame_;
  if (believes_next_) {
    if (drift < -samples(kMaxDriftMs)) return {};
    believes_next_ = false;
    resynced_ = now;
    return std::max(stamp, *end_);
  }
  if (frames_to_drop_ > 0) {
    --frames_to_drop_;
    return {};
  }
  const bool leaps = observe(drift, stamp, now);
  const std::int64_t moved = leaps ? drift : lasting_drift();
  if (moved == 0) return end_;
  drifts_.clear();
  if (moved > 0) return *end_ + moved;
  // Frames are whole: the nearest number of them, of which this is one.
  frames_to_drop_ = (-moved + samples_per_frame_ / 2) / samples_per_frame_;
  if (frames_to_drop_ == 0) return end_;
  --frames_to_drop_;
  return {};
}

std::int64_t AudioClock::add_frame() {
  const std::int64_t decode = end_.value_or(0);
  end_ = decode + samples_per_frame_;
  return decode;
}

void AudioClock::skip_to(std::int64_t position) {
  end_ = std::max(end_.value_or(position), position);
}

// True where the source has left something out or gone back.
bool AudioClock::observe(std::int64_t drift, std::int64_t stamp, SteadyTime now) {
  const std::int64_t leap = samples(kLeapMs);
  const std::int64_t change = drift - (drifts_.empty() ? 0 : drifts_.back());
  if (std::abs(change) > leap) {
    // Earlier stamps say nothing of the speed of those after the leap.
    arrivals_.clear();
    drifts_.clear();
  }
  drifts_.push_back(drift);
  const auto most = static_cast<std::size_t>(samples(kLastsMs) / samples_per_frame_);
  if (drifts_.size() > std::max<std::size_t>(most, 2)) drifts_.pop_front();
  if (now - resynced_ >= kBacklog) arrivals_.push_back({stamp, count_, now});
  while (arrivals_.size() > 2 && now - arrivals_[1].time >= kJudged) arrivals_.pop_front();
  return (change > leap && drift > leap) || (change < -leap && drift < -leap);
}

std::int64_t AudioClock::lasting_drift() const {
  const auto wanted = static_cast<std::size_t>(samples(kLastsMs) / samples_per_frame_);
  if (drifts_.size() < std::max<std::size_t>(wanted, 2)) return 0;
  const std::int64_t drift = nearest_to_zero(drifts_.begin(), drifts_.end());
  if (std::abs(drift) <= samples(kMaxDriftMs)) return 0;
  const auto middle = drifts_.begin() + static_cast<std::ptrdiff_t>(drifts_.size() / 2);
  const std::int64_t change =
      nearest_to_zero(middle, drifts_.end()) - nearest_to_zero(drifts_.begin(), middle);
  const bool slopes = std::abs(change) > samples(kMaxSlopeMs);
  return !slopes || stamps_keep_time() ? drift : 0;
}

// Whether the stamps run at the speed of the arrival clock, and the samples clearly do not.
bool AudioClock::stamps_keep_time() const {
  if (arrivals_.empty()) return false;
  const Arrival& first = arrivals_.front();
  const Arrival& last = arrivals_.back();
  if (last.time - first.time < kJudged) return false;
  const std::int64_t passed =
      MediaTime::from(std::chrono::duration_cast<std::chrono::microseconds>(last.time - first.time),
                      sample_rate_)
          .ticks;
  return 2 * std::abs(last.stamp - first.stamp - passed) <
         std::abs(last.count - first.count - passed);
}

}  // namespace livestream
