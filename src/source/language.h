#pragma once

#include <string_view>

namespace livestream {

// Whether two language tags name one language: ISO 639-1 (`de`), both forms of ISO 639-2 (`ger`,
// `deu`) and the first part of an RFC 5646 tag (`de-CH`) are the same; case does not matter. Codes
// that are not among the common ones are equal only to themselves. Empty and `und` match nothing.
[[nodiscard]] bool is_same_language(std::string_view left, std::string_view right);

}  // namespace livestream
