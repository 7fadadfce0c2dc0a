#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace livestream {

// One line of ffmpeg's log, without level and addresses.
struct StderrLine {
  // ffmpeg's info and below is debug here.
  LogLevel level = LogLevel::kDebug;
  // Whether a level was in front of it. The further lines of a text with newlines have none.
  bool has_level = false;
  // With its indentation; with the name of ffmpeg's part in front if there is one (`h264: text`).
  std::string text;
};

// Splits what ffmpeg writes at `-loglevel level+info` into lines, in slices of any size, and
// remembers its last errors, and the warnings that tell why nothing comes. Lines end at \n or \r;
// longer ones than 2 KiB are cut. The text is not masked.
class StderrReader {
 public:
  [[nodiscard]] std::vector<StderrLine> read(std::string_view bytes);

  // The last such lines, oldest first, at most ten.
  [[nodiscard]] const std::deque<std::string>& errors() const { return errors_; }

 private:
  void end_line(std::vector<StderrLine>& lines);

  std::string line_;
  std::deque<std::string> errors_;
};

// One plain sentence of why ffmpeg ended, with the cure where one is known, from its last errors;
// else its own last words, or nothing when it said nothing. Masked. `had_pictures`: some were read
// before the end.
[[nodiscard]] std::string explain(const std::deque<std::string>& errors, bool had_pictures = false);

// Why a source that sends does not give a picture, as an addition to "nothing came"; empty if the
// errors do not tell.
[[nodiscard]] std::string explain_silence(const std::deque<std::string>& errors);

}  // namespace livestream
