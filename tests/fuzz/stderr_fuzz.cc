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

  InputDumpReader input_reader;
  for (const std::string& line : whole) {
    fuzz::require(line.size() <= 2048, "lines are cut");
    fuzz::require(line.find('\n') == std::string::npos, "a line is one line");
    (void)input_reader.read_line(line);
  }
  ProgressReader progress;
  (void)progress.read(input.text.substr(0, input.cut()));
  (void)progress.read(input.text.substr(input.cut()));
  (void)parse_ffmpeg_info(std::string(input.text));
  return 0;
}
