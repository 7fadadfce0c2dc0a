#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "stream/stream.h"

namespace livestream {

// Reads one stream for the viewers of one worker. Viewers with equal cursors get the same batch, so
// the log is locked and a batch is built once per cursor, not once per viewer. A batch may be a few
// reads old; the next read continues behind it. Keeps its last batches, also those whose fragments
// the log has evicted. One thread.
class BatchCache {
 public:
  // `stream` outlives the cache.
  explicit BatchCache(const Stream& stream) : stream_(stream) {}

  // As Stream::read. The reference is valid until the next call.
  [[nodiscard]] const std::optional<Batch>& read(const Cursor& cursor);

 private:
  struct Slot {
    Cursor cursor;
    // The stream's newest sequence number at the time of the read; 0: the slot is unused.
    std::uint64_t newest = 0;
    std::optional<Batch> batch;
  };

  const Stream& stream_;
  std::array<Slot, 8> slots_;
  std::size_t next_slot_ = 0;
};

}  // namespace livestream
