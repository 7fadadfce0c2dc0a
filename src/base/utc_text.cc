#include "base/utc_text.h"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace livestream {

std::string utc_text(WallTime time) {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)), ms);
}

}  // namespace livestream
