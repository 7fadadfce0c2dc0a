#pragma once

#include <cstdint>

#include "base/unique_fd.h"

namespace livestream {

// A rule set that lets a process connect over TCP to one port only, on any address (Linux 6.7 and
// later, Landlock); invalid where the system has none.
[[nodiscard]] UniqueFd limit_of_connecting_to(std::uint16_t port);

// Puts this process and all that it starts under the limit, for good. It must have given up gaining
// privileges. Async-signal-safe: for the time between fork and exec.
void keep_to(int limit);

}  // namespace livestream
