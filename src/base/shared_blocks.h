#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/shared_bytes.h"

namespace livestream {

// Blocks that one gathered write sends in this order. Immutable; shared by all viewers at the same
// position of the stream.
class SharedBlocks {
 public:
  explicit SharedBlocks(std::vector<SharedBytes> blocks) : blocks_(std::move(blocks)) {
    for (const SharedBytes& block : blocks_) size_ += block.size();
  }
  [[nodiscard]] const std::vector<SharedBytes>& blocks() const { return blocks_; }
  // Bytes of all blocks.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::vector<SharedBytes> blocks_;
  std::size_t size_ = 0;
};

}  // namespace livestream
