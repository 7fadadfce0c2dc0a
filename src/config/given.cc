#include "config/given.h"

#include <fmt/format.h>

#include "config/shown.h"

namespace livestream {

std::string refusal_of(const Given& given, const Setting& setting) {
  if (!given.in_file.empty())
    return fmt::format("{}: must be {}, not \"{}\"", given.written, setting.allowed,
                       shown(given.in_file));
  return fmt::format("{}=\"{}\": must be {}", given.written, shown(given.value), setting.allowed);
}

}  // namespace livestream
