#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/shared_blocks.h"
#include "media/track.h"

namespace livestream {

// Where one viewer stands in a stream. A plain value of the viewer's thread: it pins nothing in the
// log.
struct Cursor {
  // A live viewer this far behind the newest fragment is better served by the newest independent
  // one.
  static constexpr std::chrono::microseconds kLiveLag = std::chrono::seconds(3);

  TrackSelection selection;
  std::uint64_t next =
      0;  // sequence number of the next fragment wanted; 0: join at the newest independent one
  std::uint32_t generation = 0;  // of the init segment sent last; 0: none yet
  std::chrono::microseconds max_lag = kLiveLag;

  bool operator==(const Cursor&) const = default;
};

// What a cursor is to send next and where it then stands. The same for every cursor that stands at
// the same place.
struct Batch {
  std::shared_ptr<const SharedBlocks> blocks;  // init segment where due, then whole fragments
  Cursor after;
  bool more = false;            // the batch was cut short; the rest can be read at once
  std::uint32_t fragments = 0;  // fragments in `blocks`
  bool operator==(const Batch&) const = default;
  std::uint64_t skipped = 0;  // fragments of the stream passed over because the cursor lagged
};

}  // namespace livestream
