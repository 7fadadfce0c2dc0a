#include "source/input_facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace livestream {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The number at the start of `text`, which loses its digits.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<int> take_index(std::string_view& text) {
  const auto number = take_number(text);
  if (!number || *number > 100'000) return std::nullopt;
  return static_cast<int>(*number);
}

// "Duration: 00:00:10.00, start: ..." has a length; "Duration: N/A" and 00:00:00.00 have none.
std::optional<std::chrono::duration<double>> length_of(std::string_view line) {
  const std::string text(line.substr(0, 64));
  int hours = 0;
  int minutes = 0;
  double seconds = 0;
  if (std::sscanf(text.c_str(), "Duration: %9d:%2d:%lf", &hours, &minutes, &seconds) != 3)
    return std::nullopt;
  const std::chrono::duration<double> length(hours * 3600.0 + minutes * 60.0 + seconds);
  if (!(length.count() > 0)) return std::nullopt;
  return length;
}

// The field order stands in the brackets after the pixel format.
FieldOrder fields_of(std::string_view line) {
  for (const char* order : {"top first", "bottom first", "top coded first", "bottom coded first"}) {
    if (contains(line, order)) return FieldOrder::kInterlaced;
  }
  return contains(line, "progressive") ? FieldOrder::kProgressive : FieldOrder::kUnknown;
}

struct KindName {
  std::string_view name;
  StreamKind kind;
};
constexpr std::array kKinds =
    std::to_array<KindName>({{": Video: ", StreamKind::kVideo},
                             {": Audio: ", StreamKind::kAudio},
                             {": Subtitle: ", StreamKind::kSubtitle},
                             {": Data: ", StreamKind::kData},
                             {": Attachment: ", StreamKind::kAttachment}});

// The next field of a stream's line. Fields end at ", " outside of brackets.
std::string_view take_field(std::string_view& rest) {
  int depth = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '(' || rest[i] == '[') ++depth;
    if (rest[i] == ')' || rest[i] == ']') --depth;
    if (depth <= 0 && rest.substr(i).starts_with(", ")) {
      const std::string_view field = rest.substr(0, i);
      rest.remove_prefix(i + 2);
      return field;
    }
  }
  return std::exchange(rest, {});
}

// "640x360" or "720x576 [SAR 64:45 DAR 16:9]".
void read_size(std::string_view field, StreamFacts& stream) {
  const auto width = take_number(field);
  if (!width || !field.starts_with('x')) return;
  field.remove_prefix(1);
  const auto height = take_number(field);
  const bool ends = field.empty() || field.starts_with(' ');
  if (!height || !ends || *width > 100'000 || *height > 100'000) return;
  stream.width = static_cast<std::uint32_t>(*width);
  stream.height = static_cast<std::uint32_t>(*height);
}

void read_video_fields(std::string_view rest, StreamFacts& stream) {
  while (!rest.empty()) {
    const std::string_view field = take_field(rest);
    if (stream.width == 0) read_size(field, stream);
    if (field.ends_with(" fps")) {
      // "30 fps", "29.97 fps", "1k fps" (which is not a rate of pictures)
      const double fps = std::atof(std::string(field).c_str());
      if (fps > 0 && !contains(field, "k ")) stream.fps = fps;
    }
  }
}

// "aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp"
void read_audio_fields(std::string_view rest, StreamFacts& stream) {
  stream.is_aac_lc = stream.codec == "aac" && contains(take_field(rest), " (LC)");
  while (!rest.empty()) {
    std::string_view field = take_field(rest);
    if (field == "mono") stream.placed_channels = 1;
    if (field == "stereo") stream.placed_channels = 2;
    std::string_view rate = field;
    if (const auto hertz = take_index(rate); hertz && rate == " Hz")
      stream.sample_rate = static_cast<std::uint32_t>(*hertz);
    const auto channels = take_index(field);
    if (channels && field.starts_with(" channels")) stream.unplaced_channels = *channels;
  }
}

constexpr std::array<std::string_view, 3> kSections = {"Metadata:", "Side data:", "Side Data:"};

}  // namespace

bool InputFacts::is_format(std::string_view name) const {
  std::string_view names = format;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(','), names.size());
    if (names.substr(0, end) == name) return true;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return false;
}

std::optional<InputFacts> InputDumpReader::read_line(const StderrLine& line) {
  if (stage_ == Stage::kDone) return std::nullopt;
  if (!line.has_level) return std::nullopt;
  const bool described = stage_ == Stage::kInput || stage_ == Stage::kOtherInput;
  if (line.level == LogLevel::kError && described && contains(line.text, "Stream map '") &&
      contains(line.text, "' matches no streams")) {
    stage_ = Stage::kDone;
    return facts_;
  }
  const std::size_t indentation = std::min(line.text.find_first_not_of(' '), line.text.size());
  const std::string_view text = std::string_view(line.text).substr(indentation);
  if (section_ && indentation > *section_) {
    read_metadata(text);
    return std::nullopt;
  }
  section_.reset();
  if (indentation == 0 && text.starts_with("Input #") && stage_ < Stage::kMapping) {
    // "Input #0, hls, from 'http://h/live.m3u8':"
    const bool is_first = text.starts_with("Input #0, ") && stage_ == Stage::kBefore;
    if (is_first) facts_.format = text.substr(10, text.find(", from '") - 10);
    if (is_first || stage_ != Stage::kBefore)
      stage_ = is_first ? Stage::kInput : Stage::kOtherInput;
    return std::nullopt;
  }
  if (stage_ >= Stage::kMapping) return read_output_line(indentation, text);
  if (described && indentation == 0) {
    if (text == "Stream mapping:") stage_ = Stage::kMapping;
    if (text.starts_with("Output #"))
      stage_ = text.starts_with("Output #0, ") ? Stage::kOutput : Stage::kOtherOutput;
    if (stage_ >= Stage::kMapping) return facts_;
  }
  if (stage_ == Stage::kInput) read_input_line(indentation, text);
  return std::nullopt;
}

void InputDumpReader::read_input_line(std::size_t indentation, std::string_view text) {
  if (std::find(kSections.begin(), kSections.end(), text) != kSections.end()) {
    section_ = indentation;
  } else if (indentation == 2 && text.starts_with("Duration: ")) {
    facts_.duration = length_of(text);
  } else if (indentation == 2 && text.starts_with("Program ")) {
    text.remove_prefix(8);
    in_stream_ = false;
    in_program_ = true;
    facts_.programs.push_back({take_index(text).value_or(0), {}});
  } else if (indentation == 2 && text == "No Program") {
    in_program_ = false;
  } else if (text.starts_with("Chapter")) {
    in_stream_ = false;
  } else if (indentation >= 2 && text.starts_with("Stream #0:")) {
    read_stream(text);
  }
}

void InputDumpReader::read_metadata(std::string_view text) {
  constexpr std::string_view kKey = "variant_bitrate : ";
  const bool has_variants = facts_.is_format("hls") || facts_.is_format("dash");
  if (!has_variants || !in_stream_ || !text.starts_with(kKey)) return;
  text.remove_prefix(kKey.size());
  facts_.streams.back().variant_bitrate_bps = take_number(text).value_or(0);
}

// "Stream #0:1[0x101](ger): Audio: mp2 (mp3float) ([3][0][0][0] / 0x0003), 48000 Hz, stereo"
void InputDumpReader::read_stream(std::string_view text) {
  text.remove_prefix(std::string_view("Stream #0:").size());
  const auto index = take_index(text);
  if (!index) return;
  StreamFacts stream;
  stream.index = *index;
  std::size_t kind_at = text.size();
  for (const KindName& kind : kKinds) {
    const std::size_t at = text.find(kind.name);
    if (at >= kind_at) continue;
    kind_at = at;
    stream.kind = kind.kind;
  }
  if (kind_at == text.size()) return;
  const std::string_view head = text.substr(0, kind_at);
  const std::size_t bracket = head.find('(');
  if (bracket != std::string_view::npos && head.ends_with(')'))
    stream.language = head.substr(bracket + 1, head.size() - bracket - 2);
  std::string_view rest = text.substr(text.find(": ", kind_at + 2) + 2);
  stream.codec = rest.substr(0, rest.find_first_of(" ,("));
  stream.is_default = contains(rest, "(default)");
  stream.is_cover = contains(rest, "(attached pic)");
  stream.is_still_image = contains(rest, "(still image)");
  if (stream.kind == StreamKind::kVideo) {
    stream.fields = fields_of(rest);
    read_video_fields(rest, stream);
  }
  if (stream.kind == StreamKind::kAudio) read_audio_fields(rest, stream);

  if (in_program_) facts_.programs.back().streams.push_back(*index);
  const bool is_new = std::none_of(facts_.streams.begin(), facts_.streams.end(),
                                   [&](const auto& known) { return known.index == *index; });
  in_stream_ = is_new;
  if (is_new) facts_.streams.push_back(std::move(stream));
}

// ffmpeg describes the first output, which has the picture, when the first picture is decoded.
std::optional<InputFacts> InputDumpReader::read_output_line(std::size_t indentation,
                                                            std::string_view text) {
  if (std::find(kSections.begin(), kSections.end(), text) != kSections.end()) {
    section_ = indentation;
    return std::nullopt;
  }
  // An output of a track that is passed through may be described before the mapping.
  if (indentation == 0 && text == "Stream mapping:") stage_ = Stage::kMapping;
  if (indentation == 0 && text.starts_with("Output #"))
    stage_ = text.starts_with("Output #0, ") ? Stage::kOutput : Stage::kOtherOutput;
  if (indentation < 2 || !text.starts_with("Stream #0:")) return std::nullopt;
  if (stage_ == Stage::kMapping && contains(text, " -> #0:0")) {
    text.remove_prefix(std::string_view("Stream #0:").size());
    first_mapped_ = take_index(text).value_or(-1);
    return std::nullopt;
  }
  if (stage_ != Stage::kOutput || !text.starts_with("Stream #0:0")) return std::nullopt;
  stage_ = Stage::kDone;
  const auto mapped =
      std::find_if(facts_.streams.begin(), facts_.streams.end(),
                   [this](const StreamFacts& stream) { return stream.index == first_mapped_; });
  if (mapped == facts_.streams.end() || mapped->fields != FieldOrder::kUnknown) return std::nullopt;
  if (mapped->kind != StreamKind::kVideo || fields_of(text) != FieldOrder::kInterlaced)
    return std::nullopt;
  mapped->fields = FieldOrder::kInterlaced;
  return facts_;
}

bool complains_of_packets(std::string_view line) {
  // H.264, also where packets hold any parts of a byte stream, then H.265.
  constexpr std::array kComplaints = {"Frame num change from",
                                      "concealing ",
                                      "No start code is found",
                                      "Error splitting the input into NAL units",
                                      "Two slices reporting being the first in the same",
                                      "First slice in a frame missing"};
  return std::any_of(kComplaints.begin(), kComplaints.end(),
                     [line](std::string_view complaint) { return contains(line, complaint); });
}

}  // namespace livestream
