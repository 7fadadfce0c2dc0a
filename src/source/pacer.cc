#include "source/pacer.h"

#include <algorithm>

namespace livestream {
namespace {

using std::chrono::milliseconds;

// A sample that comes later than this after it was due moves the clock of its run: the source
// paused, or its times stepped back, and what follows is not caught up in a burst.
constexpr milliseconds kLate{1'000};
// Growth of the lead that is more than jitter.
constexpr milliseconds kGrowth{100};
// A source that has shown to be live is paced again when it runs this far ahead.
constexpr milliseconds kRunsAhead{8'000};
// A file on a slow server passes for live until it comes faster; not for so long.
constexpr milliseconds kSurelyLive{5'000};
// A live source may begin with a backlog, so it sends its media in a little less than their length.
constexpr int kLeastPercentSent = 80;

}  // namespace

void Pacer::start_clock(std::int64_t media_ms, SteadyTime now) {
  started_ = true;
  origin_ms_ = media_ms;
  origin_ = now;
}

milliseconds Pacer::lead(std::int64_t media_ms, SteadyTime now) const {
  if (!started_) return milliseconds(0);
  return milliseconds(media_ms - origin_ms_) -
         std::chrono::duration_cast<milliseconds>(now - origin_);
}

void Pacer::decide_for_clock() {
  if (!paces()) return;
  has_leapt_ = was_live_;
  pace_ = Pace::kByClock;
}

void Pacer::on_end(milliseconds length, milliseconds sent) {
  if (pace_ != Pace::kFindOut) return;
  if (sent * 100 > length * kLeastPercentSent) pace_ = Pace::kAsItComes;
}

void Pacer::on_read(std::int64_t media_ms, SteadyTime now) {
  if (pace_ != Pace::kFindOut || !started_) return;
  const milliseconds ahead = lead(media_ms, now);
  if (holds_) {
    if (ahead > largest_lead_ + kGrowth) {
      largest_lead_ = ahead;
      lead_grew_at_ = now;
    }
    return;
  }
  if (ahead < milliseconds(0)) return fall_behind(ahead, now);
  late_since_.reset();
  if (ahead <= kRunsAhead) return;
  holds_ = true;
  was_live_ = live_since_ && now - *live_since_ >= kSurelyLive;
  largest_lead_ = ahead;
  lead_grew_at_ = now;
}

// An encoder that keeps its rate repeats the last picture, seconds of it at once, up to the new
// one: only a source that stays late has lost time.
void Pacer::fall_behind(milliseconds ahead, SteadyTime now) {
  if (!late_since_) {
    late_since_ = now;
    least_late_ = ahead;
  }
  least_late_ = std::max(least_late_, ahead);
  if (now - *late_since_ < kLate) return;
  origin_ -= least_late_;
  late_since_.reset();
}

SteadyTime Pacer::due(std::int64_t media_ms, SteadyTime now) {
  if (pace_ == Pace::kAsItComes) return now;
  if (!started_) {
    start_clock(media_ms, now);
    lead_grew_at_ = now;
  }
  if (pace_ == Pace::kFindOut && holds_ && now - lead_grew_at_ >= kSettled) {
    holds_ = false;
    live_since_ = now;
    const auto elapsed = std::chrono::duration_cast<milliseconds>(now - origin_);
    start_clock(origin_ms_ + (largest_lead_ + elapsed).count(), now);
  }
  if (!paces()) return now;
  const milliseconds ahead = lead(media_ms, now);
  if (ahead < -kLate) start_clock(media_ms, now);
  return origin_ + milliseconds(media_ms - origin_ms_);
}

}  // namespace livestream
