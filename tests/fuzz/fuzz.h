#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"

// Shared by the targets. A target aborts when the code breaks a promise, because libFuzzer reports
// only crashes.
namespace livestream::fuzz {

inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

// The first byte of an input chooses among the target's cases; the target reads the rest.
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
  // The place at which to cut the rest in two.
  [[nodiscard]] std::size_t cut() const { return bytes.size() * choice / 255; }
};

}  // namespace livestream::fuzz
