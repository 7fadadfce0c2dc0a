#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"

namespace livestream::load {

// When each sampled viewer received the same place of the stream. Places are found by content (a
// rolling hash of the last 64 bytes picks one in some 16 KiB), so any framing will do and any
// server can be measured.
class ContentMarks {
 public:
  explicit ContentMarks(std::size_t viewers);

  // `viewer` received these bytes, which follow those it received before, at `time_s`.
  void scan(std::size_t viewer, ByteView bytes, double time_s);

  struct Spread {
    std::size_t marks = 0;
    // How long after the first viewer the last one has it, by place.
    std::vector<double> last_ms;
  };
  // Over places that the first viewer received at `from_s` or later and that nine in ten of them
  // have.
  [[nodiscard]] Spread spread(double from_s) const;

 private:
  struct Mark {
    std::vector<double> received_s;  // by viewer; 0: not yet
    bool repeated = false;           // content that comes again says nothing
  };
  std::vector<std::uint64_t> factors_;  // by byte
  std::vector<std::uint64_t> hashes_;   // by viewer
  std::unordered_map<std::uint64_t, Mark> marks_;
};

}  // namespace livestream::load
