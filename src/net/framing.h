#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <sys/uio.h>
#include <vector>

#include "base/shared_blocks.h"

namespace livestream::net {

// How a streaming body is cut on the wire.
enum class Framing {
  kIdentity,  // HTTP/1.0: the bytes, until the connection closes
  kChunked,   // HTTP/1.1 chunked coding (RFC 9112 §7.1), one chunk per batch
  kMessages,  // WebSocket (RFC 6455), one binary message per batch
};

// A batch with its framing, ready for one write. A small one is copied into one piece, once for all
// viewers to whom it goes, which makes each of their writes cheaper. Shared; immutable.
class FramedBatch {
 public:
  FramedBatch(std::shared_ptr<const SharedBlocks> blocks, Framing framing);
  FramedBatch(const FramedBatch&) = delete;
  FramedBatch& operator=(const FramedBatch&) = delete;

  [[nodiscard]] const std::vector<iovec>& buffers() const { return buffers_; }
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes on the wire
  [[nodiscard]] const SharedBlocks* blocks() const { return blocks_.get(); }

 private:
  const std::shared_ptr<const SharedBlocks> blocks_;
  const std::string head_;
  std::string flat_;  // all of a small batch in one piece
  std::vector<iovec> buffers_;
  std::size_t size_ = 0;
};

// Frames each batch once for a worker: the viewers at the live edge come with the same blocks one
// after another. One thread.
class FramingCache {
 public:
  [[nodiscard]] std::shared_ptr<const FramedBatch> frame(
      const std::shared_ptr<const SharedBlocks>& blocks, Framing framing);

 private:
  struct Slot {
    Framing framing = Framing::kIdentity;
    std::shared_ptr<const FramedBatch> batch;
  };
  std::array<Slot, 8> slots_;
  std::size_t next_slot_ = 0;
};

}  // namespace livestream::net
