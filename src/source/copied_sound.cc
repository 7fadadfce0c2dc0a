#include "source/copied_sound.h"

#include <cmath>
#include <utility>
#include <variant>

#include "media/aac.h"
#include "media/adts.h"

namespace livestream {
namespace {

// A packet in a row that is not of this sound shows that none is.
constexpr int kMostLeftOut = 5;
// So much media is compared at a time, and so often in a row.
constexpr double kComparedMs = 1'000;
constexpr int kSurely = 2;
constexpr double kHoleMs = 80;

}  // namespace

// Nothing in an ADTS whose headers are gone tells that the rate has changed, but its stamps do:
// they advance as units of another usual rate last. A clock that is merely wrong is not such a
// rate.
bool CopiedSound::has_another_rate(std::int64_t stamp_ms, std::size_t units) {
  const double passed_ms = static_cast<double>(stamp_ms - last_ms_.value_or(stamp_ms));
  // Not where the sound has a hole, or its times jump.
  if (std::abs(passed_ms - last_lasts_ms_) < kHoleMs) {
    stamped_ms_ += passed_ms;
    counted_ms_ += last_lasts_ms_;
  }
  const std::uint32_t rate = copy_.track.timescale;
  last_ms_ = stamp_ms;
  last_lasts_ms_ = static_cast<double>(units * kAacFrameSamples) * 1000 / rate;
  if (counted_ms_ < kComparedMs) return false;
  const double shown = rate * counted_ms_ / stamped_ms_;
  stamped_ms_ = counted_ms_ = 0;
  other_rates_ = is_other_usual_rate(shown, rate) ? other_rates_ + 1 : 0;
  return other_rates_ >= kSurely;
}

Result<std::vector<Packet>> CopiedSound::take(Packet packet) {
  if (auto* sample = std::get_if<Sample>(&packet)) return take_sample(std::move(*sample));
  const auto* track = std::get_if<Track>(&packet);
  if (track == nullptr || track->kind != TrackKind::kAudio) return {};
  std::optional<Track> told = copied_track(track->decoder_config);
  if (!told) return refuse_to_copy_sound();
  if (*told == copy_.track) return {};
  copy_.track = *told;
  return std::vector<Packet>{std::move(*told)};
}

Result<std::vector<Packet>> CopiedSound::take_sample(Sample sample) {
  const Track& track = copy_.track;
  std::vector<ByteView> units;
  if (copy_.may_hold_several) {
    units = split_adts(sample.data, track.timescale, track.channels);
  } else if (may_be_aac_unit(sample.data, track.channels)) {
    units = {sample.data};
  }
  if (units.empty()) {
    if (++left_out_ >= kMostLeftOut) return refuse_to_copy_sound();
    return {};
  }
  const bool shows_rate = copy_.may_hold_several && !copy_.stamps_by_arrival;
  if (shows_rate && has_another_rate(sample.decode_ms, units.size())) return refuse_to_copy_sound();
  left_out_ = 0;
  has_begun_ = true;
  std::vector<Packet> taken;
  if (units.size() == 1) {
    taken.emplace_back(std::move(sample));
    return taken;
  }
  for (std::size_t i = 0; i < units.size(); ++i) {
    Sample unit;
    unit.kind = TrackKind::kAudio;
    unit.independent = true;
    unit.decode_ms =
        sample.decode_ms + static_cast<std::int64_t>(i) * kAacFrameSamples * 1000 / track.timescale;
    unit.data.assign(units[i].begin(), units[i].end());
    taken.emplace_back(std::move(unit));
  }
  return taken;
}

tl::unexpected<Error> refuse_to_copy_sound() {
  return fail("the source's sound cannot be passed through as it is");
}

}  // namespace livestream
