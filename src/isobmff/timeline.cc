#include "isobmff/timeline.h"

#include <algorithm>

namespace livestream {
namespace {

// How far a track may go back by itself (clocks with jitter), and how far ahead of the stream it
// may leap, before that counts as a break in its container times.
constexpr std::int64_t kMaxStepBackMs = 100;
constexpr std::int64_t kMaxLeapMs = 5'000;

std::int64_t milliseconds(SteadyTime::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

void Timeline::begin_run(SteadyTime now) {
  if (!begin_) begin_ = front_arrival_ = now;
  ++run_;
  anchored_ = false;
}

std::int64_t Timeline::place_ms(Place& place, std::int64_t container_ms, SteadyTime now) {
  if (!anchored_) {
    // The run's first sample: time has gone on without a source.
    anchored_ = true;
    offset_ms_ = std::max(end_ms_, since_begin_ms(now)) - container_ms;
    front_ms_ = container_ms + offset_ms_;
    front_arrival_ = now;
  }
  if (place.run_ != run_) {
    place = {};
    place.run_ = run_;
    place.offset_ms_ = offset_ms_;
    place.last_ms_ = front_ms_ - kMaxLeapMs;
  }
  if (!plausible(place, container_ms + place.offset_ms_, now)) {
    // Perhaps another track went through the same break before.
    if (!plausible(place, container_ms + offset_ms_, now)) reanchor(container_ms, now);
    place.offset_ms_ = offset_ms_;
  }
  place.last_ms_ = container_ms + place.offset_ms_;
  if (place.last_ms_ > front_ms_) {
    front_ms_ = place.last_ms_;
    front_arrival_ = now;
  }
  return place.last_ms_;
}

// Whether a track may be at `time_ms` now: not back, and ahead of the stream only as far as a
// buffer reaches or real time has passed meanwhile.
bool Timeline::plausible(const Place& place, std::int64_t time_ms, SteadyTime now) const {
  if (time_ms < place.last_ms_ - kMaxStepBackMs) return false;
  return time_ms - front_ms_ <= kMaxLeapMs + milliseconds(now - front_arrival_);
}

// Lets `container_ms` follow on what has been given out, after as much time as has passed.
void Timeline::reanchor(std::int64_t container_ms, SteadyTime now) {
  const std::int64_t passed = milliseconds(now - front_arrival_);
  offset_ms_ = std::max(end_ms_, front_ms_ + passed) - container_ms;
}

void Timeline::published_until(MediaTime end) {
  // One more than rounding could lose, so that what follows cannot begin before it.
  end_ms_ = std::max(end_ms_, end.in(1000).ticks + 1);
}

MediaTime Timeline::position(SteadyTime now) const {
  return {std::max(end_ms_, since_begin_ms(now)), 1000};
}

std::int64_t Timeline::since_begin_ms(SteadyTime now) const {
  return begin_ ? milliseconds(now - *begin_) : 0;
}

}  // namespace livestream
