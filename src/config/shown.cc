#include "config/shown.h"

#include "base/escape.h"
#include "base/mask.h"

namespace livestream {
namespace {

constexpr std::size_t kLongestShown = 200;

}  // namespace

std::string shown(std::string_view text) {
  std::string out = escape_controls(mask_credentials(text));
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(out[i]) & 0xC0) == 0x80;
  };
  std::size_t end = kLongestShown;
  while (end < out.size() && continues(end)) ++end;
  if (end < out.size()) out.replace(end, std::string::npos, "...");
  return out;
}

}  // namespace livestream
