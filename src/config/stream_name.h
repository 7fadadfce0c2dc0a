#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace livestream {

// The name of a stream is the first part of the paths of its URLs: 1 to 63 of a-z, 0-9, `-` and
// `_`, a letter or digit first, and no word that the server uses there itself.

// Why `name` cannot be the name of a stream, with a name that can be; empty when it can.
[[nodiscard]] std::string problem_of_stream_name(std::string_view name);

// A valid name that is like `text`.
[[nodiscard]] std::string stream_name_like(std::string_view text);

// Valid names for sources, each another one: of a file without folder and extension, of a URL its
// host. They hold no credential.
[[nodiscard]] std::vector<std::string> names_of_sources(const std::vector<std::string>& sources);

}  // namespace livestream
