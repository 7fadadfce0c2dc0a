// mask_credentials: the output never contains the password, with any text around it.
#include <string>

#include "base/mask.h"
#include "fuzz.h"

using namespace livestream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kSecret = "Pa55wordOfTheCamera";
  const fuzz::Input input(data, size);
  const std::string text(input.text);
  (void)mask_credentials(text);
  // The fuzzer has learnt the secret itself.
  if (text.find(kSecret) != std::string::npos) return 0;
  const auto hides = [&](const std::string& line) {
    return mask_credentials(line).find(kSecret) == std::string::npos;
  };
  fuzz::require(hides("rtsp://admin:" + std::string(kSecret) + "@camera/" + text),
                "before any path");
  fuzz::require(hides("http://camera/live?token=" + std::string(kSecret) + "&" + text),
                "in a parameter");
  // On a line of its own kind: what stands before ends with a blank.
  fuzz::require(hides("opening rtsp://admin:" + std::string(kSecret) + "@camera/x: " + text),
                "in a log line");
  return 0;
}
