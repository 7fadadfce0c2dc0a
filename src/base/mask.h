#pragma once

#include <string>
#include <string_view>

namespace livestream {

// `text` with every credential in a URL replaced by `***`: the user info before `@` (user and
// password), and the values of query parameters whose names say secret (token, key, password, ...).
// For everything that a person or a program other than ffmpeg gets to see. Works on a whole log
// line as on a single URL, on any bytes, in linear time.
//
// When in doubt it masks too much: passwords typed into URLs without percent-encoding their `@`,
// `/`, `#`, `?`, quotes or blanks are common.
[[nodiscard]] std::string mask_credentials(std::string_view text);

}  // namespace livestream
