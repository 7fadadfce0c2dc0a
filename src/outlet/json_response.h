#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "http/response.h"

namespace livestream {

// An answer in JSON that is made anew for each request; text in it that is not UTF-8 is replaced.
[[nodiscard]] http::Response json_response(const nlohmann::ordered_json& json,
                                           unsigned status = 200);
// The same for a text that is JSON already.
[[nodiscard]] http::Response json_text_response(SharedBytes text, unsigned status = 200);

// As a body has it: indented, with a line break at the end.
[[nodiscard]] std::string body_text(const nlohmann::ordered_json& json);

// Null in place of an empty text.
[[nodiscard]] nlohmann::ordered_json or_null(const std::string& text);

}  // namespace livestream
