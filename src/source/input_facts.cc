#include "source/input_facts.h"

#include <algorithm>
#include <array>
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

// The field order stands in the brackets after the pixel format: progressive, or one of these.
bool tells_of_fields(std::string_view line) {
  return contains(line, "top first") || contains(line, "bottom first") ||
         contains(line, "top coded first") || contains(line, "bottom coded first");
}

// An MPEG-TS cuts where its writer likes, nearly always between pictures; these define it.
bool keeps_pictures_whole(std::string_view input_line) {
  constexpr std::array kContainers = {"mpegts,", "flv,", "live_flv,", "matroska,", "mov,", "nut,"};
  const std::string_view name = input_line.substr(input_line.find(", ") + 2);
  return std::any_of(kContainers.begin(), kContainers.end(),
                     [name](std::string_view container) { return name.starts_with(container); });
}

// Whose decoder, without a parser, finds its frames by itself, or says when it does not.
bool decodes_unparsed(std::string_view codec) {
  constexpr std::array kCodecs = {"h264", "hevc", "aac", "mp2", "mp3", "ac3"};
  return std::find(kCodecs.begin(), kCodecs.end(), codec) != kCodecs.end();
}

std::string_view codec_of(std::string_view line, std::string_view kind) {
  const std::string_view codec = line.substr(line.find(kind) + kind.size());
  return codec.substr(0, codec.find_first_of(" ,("));
}

}  // namespace

std::optional<InputFacts> InputDumpReader::read_line(std::string_view line) {
  if (done_) return std::nullopt;
  const std::string_view text = trimmed(line);
  if (told_) return read_output_line(text);
  if (text.starts_with("Input #")) {
    in_input_ = text.starts_with("Input #0,");
    if (in_input_) {
      seen_input_ = true;
      facts_.has_video = false;
      facts_.has_audio = false;
      facts_.segmented = text.starts_with("Input #0, hls");
      facts_.whole_pictures = keeps_pictures_whole(text);
    }
  } else if (in_input_ && text.starts_with("Duration:")) {
    facts_.finite = has_length(text);
  } else if (in_input_ && text.starts_with("Stream #0:")) {
    read_stream(text);
  } else if (seen_input_ && (text.starts_with("Stream mapping:") || text.starts_with("Output #") ||
                             contains(text, "matches no streams"))) {
    told_ = true;
    return facts_;
  }
  return std::nullopt;
}

// Of the first output, which has the picture. ffmpeg describes it by the first picture decoded.
std::optional<InputFacts> InputDumpReader::read_output_line(std::string_view line) {
  if (!line.starts_with("Stream #0:0") || !contains(line, ": Video: ")) return std::nullopt;
  done_ = true;
  if (knows_fields_ || !facts_.has_video || !tells_of_fields(line)) return std::nullopt;
  facts_.interlaced = true;
  return facts_;
}

void InputDumpReader::read_stream(std::string_view line) {
  if (contains(line, ": Audio: ")) {
    facts_.has_audio = true;
    facts_.whole_pictures = facts_.whole_pictures && decodes_unparsed(codec_of(line, ": Audio: "));
  }
  if (!contains(line, ": Video: ") || contains(line, "(attached pic)") ||
      contains(line, "(still image)"))
    return;
  if (facts_.has_video) return;  // the first one is used
  facts_.has_video = true;
  facts_.video_codec = codec_of(line, ": Video: ");
  facts_.whole_pictures = facts_.whole_pictures && decodes_unparsed(facts_.video_codec);
  facts_.interlaced = tells_of_fields(line);
  knows_fields_ = facts_.interlaced || contains(line, "progressive");
}

bool complains_of_packets(std::string_view line) {
  // H.264, then H.265.
  constexpr std::array kComplaints = {"Frame num change from", "concealing ",
                                      "Two slices reporting being the first in the same",
                                      "First slice in a frame missing"};
  return std::any_of(kComplaints.begin(), kComplaints.end(),
                     [line](std::string_view complaint) { return contains(line, complaint); });
}

}  // namespace livestream
