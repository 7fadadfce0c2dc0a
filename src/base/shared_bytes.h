#pragma once

#include <memory>
#include <utility>

#include "base/bytes.h"

namespace livestream {

// Immutable bytes with shared ownership: a fragment is written once and every viewer sends from the
// same block. Copying costs a reference count. Safe to read and copy from any thread.
class SharedBytes {
 public:
  SharedBytes() = default;
  explicit SharedBytes(Bytes bytes)
      : owner_(std::make_shared<const Bytes>(std::move(bytes))), view_(*owner_) {}
  explicit SharedBytes(std::string_view text) : SharedBytes(Bytes(text.begin(), text.end())) {}

  // Valid while this or a copy of it lives.
  [[nodiscard]] ByteView view() const { return view_; }
  [[nodiscard]] const std::uint8_t* data() const { return view_.data(); }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }

 private:
  std::shared_ptr<const Bytes> owner_;
  ByteView view_;
};

}  // namespace livestream
