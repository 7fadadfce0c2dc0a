#include "isobmff/timeline.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace livestream {
namespace {

// How far a track may go back by itself, because stamps jitter, and how far ahead it may leap
// before that counts as a break in the container's times.
constexpr std::int64_t kMaxStepBackMs = 500;
constexpr std::int64_t kMaxLeapMs = 5'000;

// A track this far from the leading one for this long has other times than the leading track.
constexpr std::int64_t kFarMs = 2'000;
constexpr std::int64_t kFarLastsMs = 2'000;

// A run that begins so little late joins the one before without a gap: the machine was busy.
constexpr std::int64_t kLateMs = 40;

// Two AAC frames at 44.1 kHz: priming and the rest of the last frame.
constexpr std::int64_t kPaddingMs = 50;

std::int64_t milliseconds(SteadyTime::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

void Timeline::begin_run(SteadyTime now) {
  if (!begin_) begin_ = now;
  ++run_;
  anchored_ = false;
}

std::optional<std::int64_t> Timeline::place_ms(Place& place, Role role, std::int64_t container_ms,
                                               SteadyTime now) {
  if (!anchored_) anchor(container_ms, now);
  if (place.run_ != run_) {
    place = {};
    place.run_ = run_;
    place.offset_ms_ = offset_ms_;
    place.breaks_ = breaks_;
    place.last_ms_ = start_ms_;
  }
  if (!continues(place, container_ms + place.offset_ms_, now)) {
    // Perhaps the leading track went through the same break before.
    const bool after_break =
        place.breaks_ != breaks_ && continues(place, container_ms + offset_ms_, now);
    if (!after_break && role == Role::kLeads) {
      reanchor(container_ms, now);
      place.last_ms_ = start_ms_;
    }
    if (after_break || role == Role::kLeads) {
      place.offset_ms_ = offset_ms_;
      place.breaks_ = breaks_;
    }
  }
  if (role == Role::kFollows) correct_distance(place, container_ms + place.offset_ms_, now);
  const std::int64_t time_ms = container_ms + place.offset_ms_;
  if (!continues(place, time_ms, now)) {
    ++dropped_;
    return {};
  }
  place.last_ms_ = std::max(place.last_ms_, time_ms);
  if (role == Role::kLeads) front_.advance(time_ms, now);
  furthest_.advance(time_ms, now);
  return time_ms;
}

std::int64_t Timeline::Reached::expected_ms(SteadyTime now) const {
  return ms + milliseconds(now - arrival);
}

void Timeline::Reached::advance(std::int64_t time_ms, SteadyTime now) {
  if (time_ms > ms) *this = {time_ms, now};
}

// Whether a track may be at `time_ms` now: not back, and ahead of all tracks only as far as a
// buffer reaches or real time has passed.
bool Timeline::continues(const Place& place, std::int64_t time_ms, SteadyTime now) const {
  if (time_ms < place.last_ms_ - kMaxStepBackMs) return false;
  return time_ms - furthest_.expected_ms(now) <= kMaxLeapMs;
}

// The run's first sample: time has gone on without a source.
void Timeline::anchor(std::int64_t container_ms, SteadyTime now) {
  anchored_ = true;
  const std::int64_t now_ms = since_begin_ms(now);
  const bool joins = now_ms - next_start_ms() <= kLateMs;
  offset_ms_ = (joins ? next_start_ms() : now_ms) - container_ms;
  start_ms_ = container_ms + offset_ms_;
  front_ = furthest_ = {start_ms_, now};
}

// Lets `container_ms` follow on what has been given out, after as much time as has passed.
void Timeline::reanchor(std::int64_t container_ms, SteadyTime now) {
  offset_ms_ = std::max(next_start_ms(), front_.expected_ms(now)) - container_ms;
  start_ms_ = container_ms + offset_ms_;
  ++breaks_;
}

// A burst that trails or leads does not last: its samples arrive at once.
void Timeline::correct_distance(Place& place, std::int64_t time_ms, SteadyTime now) {
  std::int64_t distance_ms = 0;
  if (time_ms < front_.ms) distance_ms = time_ms - front_.ms;
  const std::int64_t expected_ms = front_.expected_ms(now);
  if (time_ms > expected_ms) distance_ms = time_ms - expected_ms;
  const bool far = std::abs(distance_ms) > kFarMs;
  if (!far || !place.far_since_ || (distance_ms < 0) != (place.distance_ms_ < 0)) {
    place.far_since_ = far ? std::optional(now) : std::nullopt;
    place.distance_ms_ = distance_ms;
    return;
  }
  if (std::abs(distance_ms) < std::abs(place.distance_ms_)) place.distance_ms_ = distance_ms;
  if (milliseconds(now - *place.far_since_) <= kFarLastsMs) return;
  place.far_since_.reset();
  place.offset_ms_ -= place.distance_ms_;
  place.last_ms_ = std::min(place.last_ms_, time_ms - place.distance_ms_);
  if (!std::exchange(place.corrected_, true))
    correction_ = std::chrono::milliseconds(-place.distance_ms_);
}

std::optional<std::chrono::milliseconds> Timeline::take_correction() {
  return std::exchange(correction_, std::nullopt);
}

void Timeline::published_until(Role role, MediaTime end) {
  // One more than rounding could lose, so that what follows cannot begin before it.
  const std::int64_t end_ms = end.in(1000).ticks + 1;
  end_ms_ = std::max(end_ms_, end_ms);
  if (role == Role::kLeads) lead_end_ms_ = std::max(lead_end_ms_, end_ms);
}

std::int64_t Timeline::next_start_ms() const {
  return end_ms_ - lead_end_ms_ <= kPaddingMs ? lead_end_ms_ : end_ms_;
}

MediaTime Timeline::position(SteadyTime now) const {
  return {std::max(end_ms_, since_begin_ms(now)), 1000};
}

std::int64_t Timeline::since_begin_ms(SteadyTime now) const {
  return begin_ ? milliseconds(now - *begin_) : 0;
}

}  // namespace livestream
