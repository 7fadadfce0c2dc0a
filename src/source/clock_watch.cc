#include "source/clock_watch.h"

#include <algorithm>

namespace livestream {
namespace {

using std::chrono::microseconds;

constexpr std::chrono::seconds kWindow{3};
// Sources of less than a picture a second need longer than the window.
constexpr std::size_t kFewestPoints = 4;
// The longest time without a picture in the window may be a pause, if it is as long as this.
constexpr std::chrono::seconds kPause{1};
// The least that must be left of the window without its pause.
constexpr std::chrono::milliseconds kJudged{1'500};
constexpr double kFrozenRate = 0.05;
constexpr double kSlowRate = 0.9;
constexpr double kFastRate = 1.15;
// A backlog is at most so long, and takes at most so long to come.
constexpr std::chrono::seconds kBacklog{20};
constexpr std::chrono::seconds kBacklogLasts{8};

}  // namespace

void ClockWatch::observe(microseconds media, std::uint64_t pictures, SteadyTime now) {
  if (pictures == pictures_) return;
  pictures_ = pictures;
  const Point point{media, now};
  if (!first_) first_ = point;
  points_.push_back(point);
  while (points_.size() > kFewestPoints && points_[1].time <= now - kWindow) points_.pop_front();

  const std::optional<double> speed = rate();
  if (!speed) return;
  const bool fast = *speed > kFastRate;
  if (!fast) fast_since_.reset();
  if (fast && !fast_since_) fast_since_ = now;
  const auto ahead = (media - first_->media) - (now - first_->time);
  if (*speed < kFrozenRate) {
    verdict_ = Verdict::kFrozen;
  } else if (*speed < kSlowRate) {
    verdict_ = Verdict::kSlow;
  } else if (!fast) {
    verdict_ = Verdict::kKeepsTime;
  } else if (ahead > kBacklog || now - *fast_since_ > kBacklogLasts) {
    verdict_ = Verdict::kFast;
  }
}

// Media seconds per second in the window, without its longest pause; absent: too little is known.
std::optional<double> ClockWatch::rate() const {
  if (points_.size() < kFewestPoints || points_.back().time - points_.front().time < kWindow)
    return {};
  microseconds media{0};
  microseconds wall{0};
  Point pause{};
  for (std::size_t i = 1; i < points_.size(); ++i) {
    const microseconds step = std::max(microseconds(0), points_[i].media - points_[i - 1].media);
    const auto passed =
        std::chrono::duration_cast<microseconds>(points_[i].time - points_[i - 1].time);
    media += step;
    wall += passed;
    if (passed >= kPause && passed > pause.time.time_since_epoch())
      pause = {step, SteadyTime(passed)};
  }
  const auto paused = std::chrono::duration_cast<microseconds>(pause.time.time_since_epoch());
  // A pause whose time the stamps count is not one.
  if (pause.media < paused / 2) {
    media -= pause.media;
    wall -= paused;
  }
  if (wall < kJudged) return {};
  return static_cast<double>(media.count()) / static_cast<double>(wall.count());
}

}  // namespace livestream
