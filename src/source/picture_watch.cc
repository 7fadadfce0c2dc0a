#include "source/picture_watch.h"

#include <algorithm>

namespace livestream {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Pictures that come together are one: an encoder repeats a picture to keep its rate.
constexpr milliseconds kTogether{12};
// The rhythm is not known before this many pictures; until then a source may be as slow as this.
constexpr std::uint64_t kRhythmKnown = 3;
constexpr milliseconds kUnknownGap{8'000};
// A gap of this many times the longest one that the source had lately is still to be expected, and
// a gap of that many times is not.
constexpr int kExpected = 2;
constexpr int kTooLong = 3;
constexpr milliseconds kSoundFlows{1'500};

}  // namespace

void PictureWatch::on_picture(SteadyTime now) {
  if (last_picture_ && now - *last_picture_ < kTogether) return;
  if (last_picture_)
    gaps_[pictures_ % gaps_.size()] = duration_cast<milliseconds>(now - *last_picture_);
  ++pictures_;
  last_picture_ = now;
}

milliseconds PictureWatch::longest_gap() const {
  if (pictures_ < kRhythmKnown) return kUnknownGap;
  return *std::max_element(gaps_.begin(), gaps_.end());
}

milliseconds PictureWatch::silent_for(SteadyTime now) const {
  return duration_cast<milliseconds>(
      now - std::max(watched_from_, last_picture_.value_or(watched_from_)));
}

bool PictureWatch::has_sound_alone(SteadyTime now, std::optional<SteadyTime> last_sound) const {
  return last_picture_ && last_sound && now - *last_sound < kSoundFlows;
}

std::optional<milliseconds> PictureWatch::limit(SteadyTime now,
                                                std::optional<SteadyTime> last_sound) const {
  if (patience_.unlimited) return std::nullopt;
  if (!last_picture_) return knows_input_ ? patience_.first_picture : patience_.first_packet;
  if (!has_sound_alone(now, last_sound)) return std::max(patience_.stall, kTooLong * longest_gap());
  const bool is_fast = pictures_ > gaps_.size() && longest_gap() <= kStill;
  return is_fast ? std::optional(patience_.sound_alone) : std::nullopt;
}

PictureWatch::Verdict PictureWatch::verdict(SteadyTime now,
                                            std::optional<SteadyTime> last_sound) const {
  const milliseconds silent = silent_for(now);
  const auto most = limit(now, last_sound);
  if (most && silent >= *most) return Verdict::kStalled;
  // Players cannot go on with the sound alone: the picture stands sooner.
  if (has_sound_alone(now, last_sound))
    return silent >= kStill / 2 ? Verdict::kStill : Verdict::kFlowing;
  if (!last_picture_ || silent < kStill) return Verdict::kFlowing;
  const bool is_slow = longest_gap() >= kStill;
  if (patience_.unlimited || (is_slow && silent < kExpected * longest_gap()))
    return Verdict::kStill;
  return silent >= kStarved ? Verdict::kSilent : Verdict::kFlowing;
}

}  // namespace livestream
