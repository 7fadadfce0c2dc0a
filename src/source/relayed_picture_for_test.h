#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace livestream {

// A relayed picture of this size, wholly of one brightness, as relay_filter makes it.
inline Bytes relayed_picture(std::uint32_t width, std::uint32_t height, std::uint8_t luma) {
  const std::uint32_t rows = (height + 4 + 15) / 16 * 16;
  const std::uint32_t top = rows - height;
  const std::uint32_t stride = width + rows / 8;
  Bytes bytes(std::size_t{stride} * rows * 3 / 2, 128);
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t column = 0; column < stride; ++column) {
      std::uint8_t sample = 16;
      if (column < width && row < top - 2) sample = 235;
      if (column < width && row >= top) sample = luma;
      bytes[std::size_t{row} * stride + column] = sample;
    }
  }
  return bytes;
}

}  // namespace livestream
