#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/result.h"

namespace livestream {

// Bytes: a larger file is not one of settings.
constexpr std::size_t kLargestTextFile = 1 << 20;

struct TextFile {
  std::string text;
  uid_t owner = 0;
  mode_t mode = 0;
};

// The file at `path`, which errors call `name`; nothing when it is missing or a folder. Fails when
// it cannot be read, or is larger than kLargestTextFile. Blocks.
[[nodiscard]] Result<std::optional<TextFile>> read_text_file(const std::string& path,
                                                             std::string_view name);

// Writes the file whole or not at all, readable by its owner alone; makes its folder when it is
// missing. Blocks.
[[nodiscard]] Result<void> write_text_file(const std::string& path, std::string_view text);

// Why other users may have written the file that is called `name`, with the cure; empty when they
// cannot have. For the user who runs the server.
[[nodiscard]] std::string reason_to_distrust(std::string_view name, uid_t owner, mode_t mode,
                                             uid_t user);

}  // namespace livestream
