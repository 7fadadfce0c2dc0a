#include "source/progress_reader.h"

#include <charconv>

namespace livestream {
namespace {

constexpr std::size_t kLongestLine = 4096;

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Progress> ProgressReader::read(std::string_view bytes) {
  std::optional<Progress> report;
  for (const char c : bytes) {
    if (c == '\n') {
      if (read_line(line_)) report = next_;
      line_.clear();
    } else if (c != '\r' && line_.size() < kLongestLine) {
      line_ += c;
    }
  }
  return report;
}

bool ProgressReader::read_line(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = line.substr(0, equals);
  const std::string_view value = line.substr(equals + 1);
  if (key == "progress") return true;
  // out_time_us came with ffmpeg 4.0; before the first frame it is N/A.
  if (key == "out_time_us") {
    if (const auto time = number_of<std::int64_t>(value))
      next_.media_time = std::chrono::microseconds(*time);
  } else if (key == "frame") {
    next_.frames = number_of<std::uint64_t>(value).value_or(next_.frames);
  } else if (key == "drop_frames") {
    next_.dropped_frames = number_of<std::uint64_t>(value).value_or(next_.dropped_frames);
  } else if (key == "dup_frames") {
    next_.duplicated_frames = number_of<std::uint64_t>(value).value_or(next_.duplicated_frames);
  }
  return false;
}

}  // namespace livestream
