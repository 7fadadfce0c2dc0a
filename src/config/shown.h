#pragma once

#include <string>
#include <string_view>

namespace livestream {

// Text of a user, fit for an error on one line of a terminal or a log: masked, escaped, and cut
// between two characters after about 200 bytes.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace livestream
