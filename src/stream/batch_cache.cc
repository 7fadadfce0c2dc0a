#include "stream/batch_cache.h"

namespace livestream {

const std::optional<Batch>& BatchCache::read(const Cursor& cursor) {
  const std::uint64_t newest = stream_.newest();
  for (const Slot& slot : slots_) {
    if (slot.newest == 0 || slot.cursor != cursor) continue;
    // What is published while a round is under way waits for the next one, or viewers would part
    // into those who have it and those who do not. One who joins starts with the newest there is.
    const bool in_mid_stream = slot.batch && cursor.next != 0;
    if (in_mid_stream || slot.newest == newest) return slot.batch;
  }
  Slot& slot = slots_[next_slot_];
  next_slot_ = (next_slot_ + 1) % slots_.size();
  slot = {.cursor = cursor, .newest = newest, .batch = stream_.read(cursor)};
  return slot.batch;
}

}  // namespace livestream
