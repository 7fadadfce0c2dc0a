#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/shared_blocks.h"
#include "media/track.h"

namespace livestream {

// The position of one viewer in a stream. A plain value of the viewer's thread; the log evicts
// fragments without regard to cursors.
struct Cursor {
  // A live viewer further behind the newest fragment than this skips to the newest independent one.
  static constexpr std::chrono::microseconds kLiveLag = std::chrono::seconds(3);

  TrackSelection selection;
  // Sequence number of the next fragment wanted; 0: join at the newest independent one.
  std::uint64_t next = 0;
  // Of the init segment sent last; 0: none yet.
  std::uint32_t generation = 0;
  std::chrono::microseconds max_lag = kLiveLag;

  bool operator==(const Cursor&) const = default;
};

// The bytes that a viewer is sent next. Equal for all viewers with equal cursors.
struct Batch {
  // An init segment where it is due, then whole fragments.
  std::shared_ptr<const SharedBlocks> blocks;
  // The cursor once `blocks` has been sent.
  Cursor after;
  // The batch reached its limit; the rest can be read at once.
  bool more = false;
  // Fragments in `blocks`.
  std::uint32_t fragments = 0;
  // Fragments of the stream that the cursor skipped because it lagged.
  std::uint64_t skipped = 0;

  bool operator==(const Batch&) const = default;
};

}  // namespace livestream
