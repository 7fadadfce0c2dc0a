#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livestream {

struct EnvFileEntry {
  std::string key;
  std::string value;
  int line = 0;  // from 1
};

// Reads the text of a `.env` file: one KEY=VALUE to a line, optionally after `export `; blank lines
// and comments (`#` at the start, or after a blank) say nothing. In single quotes all is literal,
// in double quotes `\"` and `\\` stand for `"` and `\`. No variables are expanded. Lines end in LF
// or CRLF; a UTF-8 byte order mark is skipped. Entries keep the file's order, repeated keys stay.
//
// An error names the line, never its content: other programs' secrets live in this file too.
[[nodiscard]] Result<std::vector<EnvFileEntry>> parse_env_file(std::string_view text);

}  // namespace livestream
