#pragma once

#include <cstdint>
#include <optional>

namespace livestream {

// Decides where silence stands in for sound that a source should have: players wait for it. Sound
// may trail the picture by what is usual for the source, and by a second more; then silence follows
// the picture at the usual distance, so that sound that comes back still fits. All times are
// milliseconds on the timeline. A value; one per fragmenter, one thread.
class SoundFiller {
 public:
  // The run's sound is expected from `start_ms` on.
  void begin_run(std::int64_t start_ms);
  [[nodiscard]] std::int64_t run_start_ms() const { return start_ms_; }

  // Sound of the source that ends at `end_ms` came when the picture had got to `picture_ms`.
  void on_sound(std::int64_t end_ms, std::int64_t picture_ms);
  // Sound of `stamp_ms` came too late: silence stands there already.
  void on_late_sound(std::int64_t stamp_ms, std::int64_t picture_ms);

  // Until when silence is due now that the picture is at `picture_ms` and the track's sound,
  // silence included, ends at `end_ms`; absent: there is nothing to fill. `is_silent`: no sound
  // will come beside this picture, so that there is nothing to wait for.
  [[nodiscard]] std::optional<std::int64_t> due(std::int64_t picture_ms, std::int64_t end_ms,
                                                bool is_silent);

  // Whether sound that should have come has been missing for seconds.
  [[nodiscard]] bool sound_is_missing() const;
  // Whether silence is standing in, however short.
  [[nodiscard]] bool filling() const { return filling_from_ms_.has_value(); }

 private:
  std::int64_t start_ms_ = 0;
  std::int64_t usual_lag_ms_ = 0;
  std::optional<std::int64_t> filling_from_ms_;
  std::int64_t filled_until_ms_ = 0;
  bool is_silent_ = false;
};

}  // namespace livestream
