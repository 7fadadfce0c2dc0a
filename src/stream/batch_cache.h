#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "stream/stream.h"

namespace livestream {

// Reads of one stream for the viewers of one worker: those who stand at the same place get the same
// batch, so the log is locked and a batch is built once per place, not once per viewer. A batch may
// be a few reads old: the next read goes on behind it. One thread.
class BatchCache {
 public:
  // `stream` outlives the cache.
  explicit BatchCache(const Stream& stream) : stream_(stream) {}

  // As Stream::read. The reference is valid until the next call.
  [[nodiscard]] const std::optional<Batch>& read(const Cursor& cursor);

 private:
  struct Slot {
    Cursor cursor;
    std::uint64_t newest = 0;  // of the stream when it was read; 0: unused
    std::optional<Batch> batch;
  };

  const Stream& stream_;
  std::array<Slot, 8> slots_;
  std::size_t next_slot_ = 0;
};

}  // namespace livestream
