#include "stream/batch_cache.h"

namespace livestream {

const std::optional<Batch>& BatchCache::read(const Cursor& cursor) {
  const std::uint64_t newest = stream_.newest();
  for (const Slot& slot : slots_) {
    if (slot.newest == newest && slot.cursor == cursor) return slot.batch;
  }
  Slot& slot = slots_[next_slot_];
  next_slot_ = (next_slot_ + 1) % slots_.size();
  slot = {.cursor = cursor, .newest = newest, .batch = stream_.read(cursor)};
  return slot.batch;
}

}  // namespace livestream
