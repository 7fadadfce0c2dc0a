#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace livestream {

// One box being appended to a writer that outlives it (ISO/IEC 14496-12 §4.2). All bytes written
// during its lifetime are its content. Its destructor fills in the size, so it must run before
// ByteWriter::take. Boxes nest as the objects do.
class BoxWriter {
 public:
  BoxWriter(ByteWriter& writer, std::string_view type) : writer_(writer), at_(writer.size()) {
    writer_.u32(0);
    writer_.text(type);
  }
  // A full box.
  BoxWriter(ByteWriter& writer, std::string_view type, std::uint8_t version, std::uint32_t flags)
      : BoxWriter(writer, type) {
    writer_.u8(version);
    writer_.u24(flags);
  }
  ~BoxWriter() { writer_.set_u32(at_, static_cast<std::uint32_t>(writer_.size() - at_)); }
  BoxWriter(const BoxWriter&) = delete;
  BoxWriter& operator=(const BoxWriter&) = delete;

 private:
  ByteWriter& writer_;
  std::size_t at_;
};

}  // namespace livestream
