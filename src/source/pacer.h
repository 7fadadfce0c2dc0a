#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace livestream {

// When the samples of one run are passed on, and how far its output is read ahead. A file is read
// faster than it plays, so the clock decides; a camera decides by itself; for an HTTP source
// without a length the pacer finds out which of the two it is: while what has come runs further and
// further ahead of the clock the source is paced, and once the lead has not grown for kSettled, the
// lead was a live source's backlog and everything is passed on. A pure value; times of the run's
// own media in milliseconds.
class Pacer {
 public:
  enum class Pace : std::uint8_t { kAsItComes, kByClock, kFindOut };

  explicit Pacer(Pace pace = Pace::kAsItComes) : pace_(pace) {}

  // The sample with this time has been read, the newest one of its track.
  void on_read(std::int64_t media_ms, SteadyTime now);
  // Reading pauses because enough waits, or the source has ended: it was a file, and what waits is
  // paced.
  void decide_for_clock();
  // All of `length` has been read, which took the source `sent` to send: about as long as it plays,
  // so it was live and has hung up. Without effect once it is known to be a file.
  void on_end(std::chrono::milliseconds length, std::chrono::milliseconds sent);
  // The source was live for seconds, then its times leapt ahead: what waits is not worth waiting
  // for.
  [[nodiscard]] bool has_leapt() const { return has_leapt_; }
  // When the sample with this time, the next one of all that wait, is passed on: `now` or before
  // means at once. The first call starts the clock of the run.
  [[nodiscard]] SteadyTime due(std::int64_t media_ms, SteadyTime now);
  // How far `media_ms` is ahead of what is due now; zero while the run has not started.
  [[nodiscard]] std::chrono::milliseconds lead(std::int64_t media_ms, SteadyTime now) const;

  // Whether the clock holds the run back at present.
  [[nodiscard]] bool paces() const {
    return pace_ == Pace::kByClock || (pace_ == Pace::kFindOut && holds_);
  }
  // How far each track is read ahead of the clock; further only because of another one that lags.
  [[nodiscard]] std::chrono::milliseconds wanted_lead() const {
    return pace_ == Pace::kByClock ? kAhead : kFarthest;
  }

  static constexpr std::chrono::milliseconds kAhead{2'000};
  static constexpr std::chrono::milliseconds kFarthest{20'000};
  // Ten megabytes of sound.
  static constexpr std::chrono::milliseconds kFarthestSound{600'000};
  static constexpr std::chrono::milliseconds kSettled{500};

 private:
  void start_clock(std::int64_t media_ms, SteadyTime now);
  void fall_behind(std::chrono::milliseconds ahead, SteadyTime now);

  Pace pace_;
  // kFindOut: true until the source has shown to be live, and again when it runs ahead.
  bool holds_ = true;
  std::optional<SteadyTime> live_since_;
  bool was_live_ = false;
  bool has_leapt_ = false;
  bool started_ = false;
  // The sample with the time `origin_ms_` is due at `origin_`.
  std::int64_t origin_ms_ = 0;
  SteadyTime origin_{};
  std::chrono::milliseconds largest_lead_{0};
  SteadyTime lead_grew_at_{};
  // Since when all that is read is late, and by how little at least (negative).
  std::optional<SteadyTime> late_since_;
  std::chrono::milliseconds least_late_{0};
};

}  // namespace livestream
