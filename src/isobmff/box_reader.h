#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace livestream {

// A box of any type, as views into the bytes read.
struct Box {
  std::string_view type;  // four characters
  ByteView whole;         // header included
  ByteView payload;       // without the header; of a full box, from its version on
};

enum class BoxOutcome : std::uint8_t {
  kComplete,
  kNeedMore,  // the bytes end in the middle of a box, or exactly between two
  kBad,       // no continuation could make it a box
};

// Walks the boxes of a view that outlives it, one level at a time: read a Box's payload with
// another reader. Boxes that last "to the end of the file" (size 0) are bad, as a stream has none,
// and so is one larger than `max_box_size`.
class BoxReader {
 public:
  static constexpr std::uint64_t kMaxBoxSize = std::uint64_t{64} << 20;

  explicit BoxReader(ByteView bytes, std::uint64_t max_box_size = kMaxBoxSize)
      : rest_(bytes), max_box_size_(max_box_size) {}

  // Fills `box` and moves behind it when it is complete; else changes nothing.
  [[nodiscard]] BoxOutcome next(Box& box);

  // The bytes not read yet. Empty after the last box of a well-formed view.
  [[nodiscard]] ByteView rest() const { return rest_; }

 private:
  ByteView rest_;
  std::uint64_t max_box_size_;
};

// The first box at `path`, such as "moov/trak/mdia", below `bytes`; plain containers only.
[[nodiscard]] std::optional<Box> find_box(ByteView bytes, std::string_view path);

}  // namespace livestream
