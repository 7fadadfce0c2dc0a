#pragma once

#include <cstdint>

namespace livestream {

// In samples. Encoders need both even and at least 2.
struct VideoSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool operator==(const VideoSize&) const = default;
};

}  // namespace livestream
