// Values of settings, and `.env` files. The first byte chooses the setting, or the file.
#include <string>

#include "config/env_file.h"
#include "config/settings.h"
#include "fuzz.h"
#include "source/source_spec.h"

using namespace livestream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const std::size_t chosen = input.choice % (settings().size() + 1);
  if (chosen == settings().size()) {
    if (const auto entries = parse_env_file(input.text)) {
      for (const EnvFileEntry& entry : *entries) {
        fuzz::require(!entry.key.empty() && entry.line > 0, "an entry has a key and a line");
        fuzz::require(entry.value.find('\n') == std::string::npos, "a value is one line");
      }
    }
    return 0;
  }
  if (input.text.empty()) return 0;
  const Setting& setting = settings()[chosen];
  Values values;
  if (!setting.parse(input.text, values)) return 0;
  const std::string printed = setting.print(values);
  fuzz::require(printed.find('\n') == std::string::npos, "what is printed is one line");
  if (printed.empty()) return 0;
  Values again;
  fuzz::require(setting.parse(printed, again), "what is printed can be read");
  fuzz::require(setting.print(again) == printed, "and means the same");
  if (setting.key == "VIDEO_FILE") (void)detect_source(values.stream.source);
  return 0;
}
