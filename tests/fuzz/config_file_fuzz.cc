// livestream.yml and files of streams.d, by the choice of the first byte.
#include <optional>
#include <string>

#include "config/config_file.h"
#include "fuzz.h"

using namespace livestream;

namespace {

void require_one_line(const std::string& text) {
  fuzz::require(text.find('\n') == std::string::npos, "a message is one line");
  fuzz::require(text.size() < 2000, "a message is short");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const FindVariable find = [](std::string_view name) {
    return name == "A" ? std::optional<std::string>("value") : std::nullopt;
  };
  const FileContext context{
      "x.yml", input.choice % 4 < 2 ? "" : "others may write to it", {find, find}};
  const auto file = input.choice % 2 == 0 ? parse_config_file(input.text, context)
                                          : parse_stream_file(input.text, "front", context);
  if (!file) {
    fuzz::require(file.error().message.starts_with("x.yml"), "an error names the file");
    require_one_line(file.error().message);
    return 0;
  }
  for (const std::string& notice : file->notices) require_one_line(notice);
  for (const FileStream& stream : file->streams) {
    fuzz::require(stream.values.count("VIDEO_FILE") == 1, "a stream has a source");
    for (const auto& [key, given] : stream.values)
      fuzz::require(!given.value.empty(), "a value that is not set is not there");
  }
  return 0;
}
