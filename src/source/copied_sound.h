#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "media/packet.h"
#include "source/sound_copy.h"

namespace livestream {

// The source's own sound on its way into the stream: one AAC access unit in each sample, and tracks
// that browsers play. Units that cannot be of this sound, as a lossy line brings them, are left
// out. Ingest thread.
class CopiedSound {
 public:
  explicit CopiedSound(SoundCopy copy) : copy_(std::move(copy)) {}

  // As it has been told last.
  [[nodiscard]] const Track& track() const { return copy_.track; }
  // Whether a sample has been taken.
  [[nodiscard]] bool has_begun() const { return has_begun_; }

  // The packets that go on in place of one of the FLV that has the sound. Fails, in words for
  // users, where the sound is not what it was said to be, or has become something that is not
  // passed through.
  [[nodiscard]] Result<std::vector<Packet>> take(Packet packet);

 private:
  [[nodiscard]] Result<std::vector<Packet>> take_sample(Sample sample);
  [[nodiscard]] bool has_another_rate(std::int64_t stamp_ms, std::size_t units);

  SoundCopy copy_;
  bool has_begun_ = false;
  // In a row.
  int left_out_ = 0;
  // The last packet, and how much media the latest ones have by their stamps and by their units;
  // how often in a row the two have shown another rate.
  std::optional<std::int64_t> last_ms_;
  double last_lasts_ms_ = 0;
  double stamped_ms_ = 0;
  double counted_ms_ = 0;
  int other_rates_ = 0;
};

// The error of a sound that has to be encoded.
[[nodiscard]] tl::unexpected<Error> refuse_to_copy_sound();

}  // namespace livestream
