#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"

namespace livestream::load {

// Measures when each sampled viewer received the same place of the stream. A rolling hash of the
// last 64 bytes selects a place about every 16 KiB, so that the framing does not matter and any
// server can be measured.
class ContentMarks {
 public:
  explicit ContentMarks(std::size_t viewers);

  // `viewer` received these bytes, which follow those it received before, at `time_s`.
  void scan(std::size_t viewer, ByteView bytes, double time_s);

  struct Spread {
    std::size_t marks = 0;
    // For each place the time between the first viewer's receipt and the last one's.
    std::vector<double> last_ms;
  };
  // Of the places that the first viewer received at `from_s` or later and nine in ten viewers have.
  [[nodiscard]] Spread spread(double from_s) const;

 private:
  struct Mark {
    std::vector<double> received_s;  // by viewer; 0: not yet
    // Repeated content does not identify a place.
    bool repeated = false;
  };
  std::vector<std::uint64_t> factors_;  // by byte
  std::vector<std::uint64_t> hashes_;   // by viewer
  std::unordered_map<std::uint64_t, Mark> marks_;
};

}  // namespace livestream::load
