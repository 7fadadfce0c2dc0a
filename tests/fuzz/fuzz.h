#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"

// What the targets share. A target ends the process where a promise of the code is broken, for that
// is all that libFuzzer understands.
namespace livestream::fuzz {

inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

// An input's first byte is a choice that the target makes, the rest is what it reads.
struct Input {
  std::uint8_t choice = 0;
  ByteView bytes;
  std::string_view text;

  Input(const std::uint8_t* data, std::size_t size) : bytes(data, size) {
    if (size > 0) {
      choice = data[0];
      bytes = bytes.subspan(1);
    }
    text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // Where to cut the rest in two.
  [[nodiscard]] std::size_t cut() const { return bytes.size() * choice / 255; }
};

}  // namespace livestream::fuzz
