#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <sys/uio.h>
#include <vector>

#include "base/shared_blocks.h"

namespace livestream::net {

// How a streaming body is cut on the wire.
enum class Framing {
  // HTTP/1.0: the bytes, until the connection closes.
  kIdentity,
  // HTTP/1.1 chunked coding (RFC 9112 §7.1), one chunk per batch.
  kChunked,
  // WebSocket (RFC 6455), one binary message per batch.
  kMessages,
};

// A batch with its framing, ready for one write. A small batch is copied into one piece, once for
// all its viewers, because a write of one piece is cheaper. Shared; immutable.
class FramedBatch {
 public:
  FramedBatch(std::shared_ptr<const SharedBlocks> blocks, Framing framing);
  FramedBatch(const FramedBatch&) = delete;
  FramedBatch& operator=(const FramedBatch&) = delete;

  // As long as this lives.
  [[nodiscard]] std::span<const iovec> pieces() const { return pieces_; }
  // Bytes on the wire.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const SharedBlocks* blocks() const { return blocks_.get(); }

 private:
  const std::shared_ptr<const SharedBlocks> blocks_;
  const std::string head_;
  // All of a small batch in one piece.
  std::string flat_;
  std::vector<iovec> pieces_;
  std::size_t size_ = 0;
};

// Frames each batch once for a worker, because the viewers at the live edge ask for the same blocks
// one after another. One thread.
class FramingCache {
 public:
  [[nodiscard]] std::shared_ptr<const FramedBatch> frame(
      const std::shared_ptr<const SharedBlocks>& blocks, Framing framing);
  // Lets go of the batches that no viewer has asked for since the call before, so that old video
  // does not stay in memory. Called now and then.
  void forget_unused();

 private:
  struct Slot {
    bool used = false;
    Framing framing = Framing::kIdentity;
    std::shared_ptr<const FramedBatch> batch;
  };
  std::array<Slot, 8> slots_;
  std::size_t next_slot_ = 0;
};

}  // namespace livestream::net
