#pragma once

#include <memory>
#include <utility>

#include "base/bytes.h"

namespace livestream {

// Immutable bytes with shared ownership: all viewers send a fragment from the same block. A copy
// costs a reference count. Any thread may read and copy.
class SharedBytes {
 public:
  SharedBytes() = default;
  explicit SharedBytes(Bytes bytes)
      : owner_(std::make_shared<const Bytes>(std::move(bytes))), view_(*owner_) {}
  explicit SharedBytes(std::string_view text) : SharedBytes(Bytes(text.begin(), text.end())) {}

  // Valid as long as this object or a copy of it.
  [[nodiscard]] ByteView view() const { return view_; }
  [[nodiscard]] const std::uint8_t* data() const { return view_.data(); }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }

 private:
  std::shared_ptr<const Bytes> owner_;
  ByteView view_;
};

}  // namespace livestream
