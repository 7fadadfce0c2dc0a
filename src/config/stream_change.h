#pragma once

#include <cstdint>
#include <string>

namespace livestream {

// A change of the list of streams that stands in no file.
struct StreamChange {
  enum class Kind : std::uint8_t {
    // `text` is the whole stream, as a file of streams.d; it is new, or replaces one of its name.
    kPut,
    // The keys in `text` replace those of the stream.
    kPatch,
    kRemove,
  };
  Kind kind = Kind::kPut;
  std::string stream;
  std::string text;
};

}  // namespace livestream
