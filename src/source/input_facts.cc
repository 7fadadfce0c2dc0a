#include "source/input_facts.h"

#include <cstdio>
#include <string>

namespace livestream {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

// "Duration: 00:00:10.00, start: ..." has a length; "Duration: N/A" and 00:00:00.00 have none.
bool has_length(std::string_view line) {
  const std::string text(line.substr(0, 64));
  int hours = 0;
  int minutes = 0;
  double seconds = 0;
  if (std::sscanf(text.c_str(), "Duration: %d:%d:%lf", &hours, &minutes, &seconds) != 3)
    return false;
  return hours > 0 || minutes > 0 || seconds > 0;
}

}  // namespace

std::optional<InputFacts> InputDumpReader::read_line(std::string_view line) {
  if (done_) return std::nullopt;
  const std::string_view text = trimmed(line);
  if (text.starts_with("Input #")) {
    in_input_ = text.starts_with("Input #0,");
    if (in_input_) {
      seen_input_ = true;
      facts_.has_video = false;
      facts_.has_audio = false;
      facts_.segmented = text.starts_with("Input #0, hls");
    }
  } else if (in_input_ && text.starts_with("Duration:")) {
    facts_.finite = has_length(text);
  } else if (in_input_ && text.starts_with("Stream #0:")) {
    read_stream(text);
  } else if (seen_input_ && (text.starts_with("Stream mapping:") || text.starts_with("Output #") ||
                             contains(text, "matches no streams"))) {
    done_ = true;
    return facts_;
  }
  return std::nullopt;
}

void InputDumpReader::read_stream(std::string_view line) {
  if (contains(line, ": Audio: ")) facts_.has_audio = true;
  if (!contains(line, ": Video: ") || contains(line, "(attached pic)") ||
      contains(line, "(still image)"))
    return;
  if (facts_.has_video) return;  // the first one is used
  facts_.has_video = true;
  const std::string_view codec = line.substr(line.find(": Video: ") + 9);
  facts_.video_codec = codec.substr(0, codec.find_first_of(" ,("));
  // The field order stands in the brackets after the pixel format: progressive, or one of these.
  facts_.interlaced = contains(line, "top first") || contains(line, "bottom first") ||
                      contains(line, "top coded first") || contains(line, "bottom coded first");
}

}  // namespace livestream
