#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace livestream {

// How long one run of a source may go without a picture.
struct Patience {
  // Before ffmpeg knows what the source holds, and from then to the first picture.
  std::chrono::milliseconds first_packet{15'000};
  std::chrono::milliseconds first_picture{40'000};
  // After pictures have come.
  std::chrono::milliseconds stall{5'000};
  // While sound goes on, of a source whose pictures came at least once a second.
  std::chrono::milliseconds sound_alone{30'000};
  // A file cannot stall, and a receiver waits for its sender: no limit.
  bool unlimited = false;
};

// Tells a source that is still from one that is gone, by the rhythm of the pictures of one run: a
// source with a picture every ten seconds is not gone after five. A pure value.
class PictureWatch {
 public:
  enum class Verdict : std::uint8_t {
    // Pictures come, or the first one is still expected.
    kFlowing,
    // No picture for kStill, as is to be expected of this source, or for half of it while its sound
    // goes on: the last picture stands. Sound alone may be a still scene, but not of a camera for
    // longer than its patience.
    kStill,
    // No picture for kStarved although this source had them faster: it may be gone.
    kSilent,
    // No picture for longer than the source's patience.
    kStalled,
  };
  static constexpr std::chrono::milliseconds kStill{1'000};
  static constexpr std::chrono::milliseconds kStarved{2'000};

  PictureWatch(const Patience& patience, SteadyTime now)
      : patience_(patience), watched_from_(now) {}

  void on_input() { knows_input_ = true; }
  void on_picture(SteadyTime now);
  // The source cannot give more at present, as a recording that pauses: the time starts anew.
  void pardon(SteadyTime now) { watched_from_ = now; }

  // `last_sound`: when the source's last sound came, if it has any.
  [[nodiscard]] Verdict verdict(SteadyTime now, std::optional<SteadyTime> last_sound) const;
  // How long the run has been without a picture at `now`.
  [[nodiscard]] std::chrono::milliseconds silent_for(SteadyTime now) const;

  // After this long without a picture the verdict is kStalled; nothing where there is no limit.
  [[nodiscard]] std::optional<std::chrono::milliseconds> limit(
      SteadyTime now, std::optional<SteadyTime> last_sound) const;

 private:
  [[nodiscard]] std::chrono::milliseconds longest_gap() const;
  [[nodiscard]] bool has_sound_alone(SteadyTime now, std::optional<SteadyTime> last_sound) const;

  Patience patience_;
  SteadyTime watched_from_;
  bool knows_input_ = false;
  std::uint64_t pictures_ = 0;
  std::optional<SteadyTime> last_picture_;
  // The newest gaps between two pictures, in a ring.
  std::array<std::chrono::milliseconds, 8> gaps_{};
};

}  // namespace livestream
