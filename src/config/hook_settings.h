#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace livestream {

// The answer to an event of a stream: an HTTP POST, a command, or nothing.
struct Hook {
  // http:// or https://; empty for a command.
  std::string url;
  // The whole argv; it reaches the program as it stands here.
  std::vector<std::string> command;

  [[nodiscard]] bool empty() const { return url.empty() && command.empty(); }
  bool operator==(const Hook&) const = default;
};

// The hooks of one stream.
struct HookSettings {
  // Pictures of the source come; they come no longer.
  Hook source_up;
  Hook source_down;
  // The stream has viewers; it has none any longer.
  Hook first_viewer;
  Hook last_viewer;
  // How long each may take.
  std::chrono::milliseconds timeout = std::chrono::seconds(10);

  bool operator==(const HookSettings&) const = default;
};

// The hook of a text: an address, or a list in JSON with the program and its arguments, where an
// empty list means that nothing runs. Nothing for other texts.
[[nodiscard]] std::optional<Hook> parse_hook(std::string_view text);
// A text with the same meaning for `parse_hook`; empty for an empty hook.
[[nodiscard]] std::string print_hook(const Hook& hook);
// Whether the text is a list, as far as its beginning tells.
[[nodiscard]] bool is_hook_list(std::string_view text);
// Such a text with every credential replaced, also one that follows an option, as in
// `--token abc`. References to variables stay.
[[nodiscard]] std::string mask_hook(const std::string& text);

}  // namespace livestream
