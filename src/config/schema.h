#pragma once

#include <string>

namespace livestream {

// The JSON schema (draft 7) of livestream.yml, by which editors complete and check the file;
// `#/definitions/stream` is that of a file in streams.d. It takes a text for each number, because
// that may hold ${NAME}.
[[nodiscard]] std::string config_schema();

}  // namespace livestream
