#pragma once

#include <string>
#include <string_view>

namespace livestream {

// `text` fit for one line of a log or a terminal, whatever bytes it holds: control characters (C0,
// DEL, C1) become \n, \r, \t or \u001b, bytes that are not UTF-8 become \x9b. A line of JSON stays
// JSON with the same meaning.
[[nodiscard]] std::string escape_controls(std::string_view text);

// Whether the well-formed UTF-8 character at the start of `text` is a control character.
[[nodiscard]] bool starts_with_control(std::string_view text);

// Whether the text is well-formed UTF-8 (Unicode, table 3-7).
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace livestream
