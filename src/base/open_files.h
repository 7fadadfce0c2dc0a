#pragma once

#include <cstdint>
#include <string>

namespace livestream {

// Raises this process's limit of open files to what it may have. A warning when that is still not
// enough for `max_clients` viewers, with the cure; else empty.
[[nodiscard]] std::string raise_open_files(std::uint32_t max_clients);

}  // namespace livestream
