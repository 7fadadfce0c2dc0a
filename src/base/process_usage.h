#pragma once

#include <cstdint>
#include <optional>

namespace livestream {

// Resources of this process without its children. Nothing where the system does not tell.
struct ProcessUsage {
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint64_t> open_files;
  // The limit of open_files.
  std::optional<std::uint64_t> max_open_files;
  // Of all threads, user and system.
  std::optional<double> cpu_seconds;
};

// Reads a few files of /proc. Any thread.
[[nodiscard]] ProcessUsage process_usage();

}  // namespace livestream
