#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace livestream {

// One report of `ffmpeg -progress`.
struct Progress {
  std::chrono::microseconds media_time{0};  // how much has been written
  std::uint64_t frames = 0;
  std::uint64_t dropped_frames = 0;
  std::uint64_t duplicated_frames = 0;
};

// Reads the key=value lines in slices of any size. Unknown keys and broken values are skipped; a
// line without end is cut off at 4 KiB.
class ProgressReader {
 public:
  // The last report that `bytes` completes.
  [[nodiscard]] std::optional<Progress> read(std::string_view bytes);

 private:
  [[nodiscard]] bool read_line(std::string_view line);  // true at the end of a report

  std::string line_;
  Progress next_;
};

}  // namespace livestream
