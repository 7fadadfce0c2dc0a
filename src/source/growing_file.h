#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "source/ffmpeg_command.h"

namespace livestream {

// The container of a file that another program is writing, told from its beginning; nothing while
// too little has been written to tell; an error when it cannot be followed as it grows (a plain MP4
// gets its index only at the end), with the formats to record instead. `head` is the file's
// beginning, at most kGrowingFileHead bytes of it.
[[nodiscard]] Result<std::optional<GrowingContainer>> container_of(ByteView head);

inline constexpr std::size_t kGrowingFileHead = 1 << 16;

// The file, to be read at any place; nothing while it does not exist; an error when it cannot be
// read or is not a regular file (a FIFO, a device, a folder). Does not wait.
[[nodiscard]] Result<std::optional<UniqueFd>> open_growing_file(const std::string& path);

// The same as container_of for a file on disk. Nothing also while it does not exist.
[[nodiscard]] Result<std::optional<GrowingContainer>> inspect_growing_file(const std::string& path);

}  // namespace livestream
