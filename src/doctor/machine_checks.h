#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/server_settings.h"
#include "doctor/check.h"

namespace livestream {

// Whether the server can listen where the settings say. Resolves names; blocks.
[[nodiscard]] Check port_check(const ServerSettings& settings);
// Raises the limit of open files, as the server does at its start.
[[nodiscard]] Check open_files_check(const ServerSettings& settings);

// Whether the system keeps its clock by that of the network.
enum class ClockState : std::uint8_t { kUnknown, kSynchronised, kFree };
[[nodiscard]] ClockState clock_state();
[[nodiscard]] Check clock_check(ClockState state);

// Memory that programs may still take, with the limit of the container; nothing where the system
// does not tell.
[[nodiscard]] std::optional<std::uint64_t> available_memory();
// MemAvailable in the text of /proc/meminfo, in bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_available_memory(std::string_view meminfo);
[[nodiscard]] Check memory_check(std::optional<std::uint64_t> available, std::size_t streams);

// `cost`: processor cores that all sources together take.
[[nodiscard]] Check processor_check(double cost, unsigned cores);

}  // namespace livestream
