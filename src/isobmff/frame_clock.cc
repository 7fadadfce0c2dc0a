#include "isobmff/frame_clock.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace livestream {
namespace {

constexpr std::uint32_t kDefaultTimescale = 90'000;
// For a first duration, when nothing is known.
constexpr std::uint32_t kDefaultRate = 30;
// Frames that are behind their stamps last this many times less until they have caught up.
constexpr std::uint32_t kCatchUp = 4;

}  // namespace

std::uint32_t FrameClock::timescale_for(std::optional<FrameRate> rate) {
  return rate ? rate->timescale() : kDefaultTimescale;
}

void FrameClock::set_rate(std::optional<FrameRate> rate) {
  const std::uint32_t timescale = timescale_for(rate);
  if (last_ && timescale != timescale_) {
    // One tick more than rounding could lose, so that times still increase.
    last_->decode = MediaTime{last_->decode, timescale_}.in(timescale).ticks + 1;
    last_->end = MediaTime{last_->end, timescale_}.in(timescale).ticks + 1;
  }
  timescale_ = timescale;
  period_ = rate ? rate->ticks_per_frame() : 0;
  duration_ = rate ? period_ : kDefaultTimescale / kDefaultRate;
  last_interval_ = duration_;
}

FrameClock::Timing FrameClock::next(std::int64_t stamp_ms) {
  std::int64_t decode = std::max<std::int64_t>(0, ticks(stamp_ms));
  if (last_) {
    const std::int64_t after = decode - last_->decode;
    const std::int64_t wanted = last_->decode + on_grid(after).value_or(after);
    decode = std::max(wanted, last_->end);
    duration_ = estimate_duration(ticks(stamp_ms - last_->stamp_ms));
    // A little early is a stamp that was rounded, or a track that goes through a break in the
    // container's times behind another one: it keeps its cadence.
    if (decode - wanted > duration_ / 2) duration_ = std::max(1U, duration_ / kCatchUp);
  }
  last_ = {stamp_ms, decode, decode + duration_};
  return {decode, duration_};
}

// `ticks_after` as a whole number of periods, at least one, if a stamp's rounding explains the
// rest.
std::optional<std::int64_t> FrameClock::on_grid(std::int64_t ticks_after) const {
  if (period_ == 0) return {};
  const std::int64_t period = period_;
  const std::int64_t tolerance =
      std::min<std::int64_t>(std::int64_t{timescale_} * 5 / 2000, period / 2);
  const std::int64_t periods = std::max<std::int64_t>(1, (ticks_after + period / 2) / period);
  if (std::abs(ticks_after - periods * period) > tolerance) return {};
  return periods * period;
}

// The nominal period, until two intervals between stamps say otherwise.
std::uint32_t FrameClock::estimate_duration(std::int64_t interval) {
  const auto bounded = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(on_grid(interval).value_or(interval), 1, timescale_));
  const std::uint32_t previous = std::exchange(last_interval_, bounded);
  if (period_ != 0 && (bounded == period_ || previous == period_)) return period_;
  return std::min(bounded, previous);
}

std::int32_t FrameClock::composition_ticks(std::int32_t offset_ms) const {
  const std::int64_t exact = ticks(offset_ms);
  if (exact > 0) return static_cast<std::int32_t>(on_grid(exact).value_or(exact));
  if (exact < 0) return static_cast<std::int32_t>(-on_grid(-exact).value_or(-exact));
  return 0;
}

}  // namespace livestream
