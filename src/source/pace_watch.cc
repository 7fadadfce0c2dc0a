#include "source/pace_watch.h"

namespace livestream {
namespace {

constexpr double kSlow = 0.9;
constexpr double kFastEnough = 0.97;
// In cores. An ffmpeg that uses less than this waits for something other than the processor.
constexpr double kBusy = 0.5;

}  // namespace

void PaceWatch::observe(std::chrono::microseconds media,
                        std::optional<std::chrono::milliseconds> cpu, SteadyTime now) {
  const double seconds = std::chrono::duration<double>(media).count();
  speed_.observe(seconds, now);
  media_.observe(seconds, now);
  if (cpu) cpu_.observe(std::chrono::duration<double>(*cpu).count(), now);
  if (!media_.full()) return;
  const bool busy = !cpu || cpu_.per_second() >= kBusy;
  if (media_.per_second() < kSlow && busy) too_slow_ = true;
  if (media_.per_second() >= kFastEnough) too_slow_ = false;
}

}  // namespace livestream
