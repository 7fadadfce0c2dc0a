#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/shared_bytes.h"

namespace livestream {

// Blocks that go out together in one gathered write, in this order. Built once and shared by every
// viewer who stands at the same place; immutable from then on.
class SharedBlocks {
 public:
  explicit SharedBlocks(std::vector<SharedBytes> blocks) : blocks_(std::move(blocks)) {
    for (const SharedBytes& block : blocks_) size_ += block.size();
  }
  [[nodiscard]] const std::vector<SharedBytes>& blocks() const { return blocks_; }
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes in all

 private:
  std::vector<SharedBytes> blocks_;
  std::size_t size_ = 0;
};

}  // namespace livestream
