#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace livestream {

// The key of the setting that was probably meant by `name`, a key or a flag without its dashes in
// front (VIDEO_FSP, video-fsp, video_fps): at most two letters are missing, extra, wrong or
// exchanged, one in a short name. Nothing when no setting, or more than one, is so near.
[[nodiscard]] std::optional<std::string> nearest_setting(std::string_view name);

// The same among `names`, whatever the case and with `-` for `_`.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name,
                                                      std::span<const std::string> names);

}  // namespace livestream
