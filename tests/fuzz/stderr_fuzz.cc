// ffmpeg's output: its log, its description of the input, its progress, its list of encoders.
#include <vector>

#include "fuzz.h"
#include "source/ffmpeg_info.h"
#include "source/input_facts.h"
#include "source/progress_reader.h"
#include "source/stderr_reader.h"

using namespace livestream;

namespace {

std::vector<std::string> lines_of(StderrReader& reader, std::string_view slice) {
  std::vector<std::string> texts;
  for (const StderrLine& line : reader.read(slice)) texts.push_back(line.text);
  return texts;
}

// The facts that a reader of the whole text tells last.
std::optional<InputFacts> facts_in(std::string_view text) {
  StderrReader lines;
  InputDumpReader reader;
  std::optional<InputFacts> facts;
  for (const StderrLine& line : lines.read(text)) {
    if (auto told = reader.read_line(line)) facts = std::move(told);
  }
  return facts;
}

// `value` under a key, as ffmpeg prints metadata. Control characters are replaced.
std::string metadata(std::string_view value, std::size_t indentation) {
  const std::string blanks(indentation, ' ');
  std::string text = "[info] " + blanks + "title           : ";
  for (const char c : value) {
    if (c == '\n') text += "\n" + blanks + "                : ";
    if (static_cast<unsigned char>(c) >= ' ') text += c;
  }
  return text + "\n";
}

// A description with metadata of the input and of a chapter.
std::string dump_with(const std::string& of_input, const std::string& of_chapter) {
  return "[info] Input #0, mov,mp4, from 'file:a.mp4':\n[info]   Metadata:\n" + of_input +
         "[info]   Duration: 00:00:10.00, start: 0.000000, bitrate: 90 kb/s\n"
         "[info]   Chapters:\n[info]     Chapter #0:0: start 0.000000, end 1.000000\n"
         "[info]       Metadata:\n" +
         of_chapter +
         "[info]   Stream #0:0(und): Video: h264, yuv420p(progressive), 640x360, 30 fps\n"
         "[info]     Metadata:\n" +
         of_chapter + "[info] Stream mapping:\n[info]   Stream #0:0 -> #0:0 (h264 -> h264)\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  StderrReader whole_reader;
  const std::vector<std::string> whole = lines_of(whole_reader, input.text);
  StderrReader sliced_reader;
  std::vector<std::string> sliced = lines_of(sliced_reader, input.text.substr(0, input.cut()));
  for (std::string& text : lines_of(sliced_reader, input.text.substr(input.cut())))
    sliced.push_back(std::move(text));
  fuzz::require(whole == sliced, "a slicing changes no line");
  fuzz::require(whole_reader.errors().size() <= 10, "ten errors are kept");
  (void)explain(whole_reader.errors());

  for (const std::string& line : whole) {
    fuzz::require(line.size() <= 2048, "lines are cut");
    fuzz::require(line.find('\n') == std::string::npos, "a line is one line");
  }
  (void)facts_in(input.text);
  fuzz::require(facts_in(dump_with("", "")) ==
                    facts_in(dump_with(metadata(input.text, 4), metadata(input.text, 8))),
                "metadata changes no facts");
  ProgressReader progress;
  (void)progress.read(input.text.substr(0, input.cut()));
  (void)progress.read(input.text.substr(input.cut()));
  (void)parse_ffmpeg_info(std::string(input.text));
  return 0;
}
