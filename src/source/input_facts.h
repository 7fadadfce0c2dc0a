#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace livestream {

// What ffmpeg's own description of its input (`Input #0 ...` at level info) says. The values at the
// start are the optimistic ones, with which the first command is made.
struct InputFacts {
  bool has_video = true;  // other than cover art
  bool has_audio = true;
  std::string video_codec;  // ffmpeg's name of it, e.g. h264, hevc; empty: not known yet
  bool interlaced = false;
  bool finite = false;         // it has a length
  bool segmented = false;      // HLS: comes in bursts of a segment
  bool whole_pictures = true;  // each packet of its container holds one picture, not part of one
  bool draws_text = true;      // this ffmpeg has the drawtext filter and a font (learnt by trying)

  bool operator==(const InputFacts&) const = default;
};

// Reads ffmpeg's log, line by line without level and newline. Facts of input 0 alone; formats of
// ffmpeg 4 to 7.
class InputDumpReader {
 public:
  // The facts, at the line that ends the description of the inputs; and once more when that of the
  // output tells of interlaced pictures that the input's does not (an input taken without parsers).
  [[nodiscard]] std::optional<InputFacts> read_line(std::string_view line);

 private:
  void read_stream(std::string_view line);
  [[nodiscard]] std::optional<InputFacts> read_output_line(std::string_view line);

  InputFacts facts_;
  bool in_input_ = false;
  bool seen_input_ = false;
  bool told_ = false;
  bool knows_fields_ = false;  // the input's description says whether it is interlaced
  bool done_ = false;
};

// Whether this line of ffmpeg's log is what a decoder says of packets that hold more or less than
// one picture. Damaged ones can sound alike.
[[nodiscard]] bool complains_of_packets(std::string_view line);

}  // namespace livestream
