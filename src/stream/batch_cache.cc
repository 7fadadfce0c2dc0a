#include "stream/batch_cache.h"

namespace livestream {

const std::optional<Batch>& BatchCache::read(const Cursor& cursor) {
  const std::uint64_t newest = stream_.newest();
  for (const Slot& slot : slots_) {
    if (slot.newest == 0 || slot.cursor != cursor) continue;
    // A fragment published during a round waits for the next round; otherwise some viewers would
    // have it and others not, and they would share no batch any more. A viewer that joins starts
    // with the newest fragment.
    const bool in_mid_stream = slot.batch && cursor.next != 0;
    if (in_mid_stream || slot.newest == newest) return slot.batch;
  }
  Slot& slot = slots_[next_slot_];
  next_slot_ = (next_slot_ + 1) % slots_.size();
  slot = {.cursor = cursor, .newest = newest, .batch = stream_.read(cursor)};
  return slot.batch;
}

}  // namespace livestream
