#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace livestream {

// Reads bit fields, most significant bit first, from a view that outlives it. Reading past the end
// gives zeros and makes ok() false permanently.
class BitReader {
 public:
  explicit BitReader(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }

  // At most 32 bits.
  std::uint32_t bits(unsigned count) {
    std::uint32_t value = 0;
    while (count-- > 0) value = value << 1 | bit();
    return value;
  }
  bool flag() { return bit() != 0; }
  void skip(unsigned count) {
    while (count-- > 0) bit();
  }

  // ue(v) and se(v), ISO/IEC 14496-10 §9.1.
  std::uint32_t unsigned_exp_golomb() {
    unsigned zeros = 0;
    while (ok_ && bit() == 0) ++zeros;
    if (zeros > 31) {
      ok_ = false;
      return 0;
    }
    return (std::uint32_t{1} << zeros) - 1 + bits(zeros);
  }
  std::int32_t signed_exp_golomb() {
    const std::uint32_t code = unsigned_exp_golomb();
    const auto half = static_cast<std::int32_t>(code / 2);
    return code % 2 == 1 ? half + 1 : -half;
  }

 private:
  std::uint32_t bit() {
    if (at_ >= 8 * bytes_.size()) {
      ok_ = false;
      return 0;
    }
    const unsigned value = bytes_[at_ / 8] >> (7 - at_ % 8) & 1;
    ++at_;
    return value;
  }

  ByteView bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace livestream
