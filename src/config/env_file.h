#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livestream {

struct EnvFileEntry {
  std::string key;
  std::string value;
  // From 1.
  int line = 0;
};

// The text of a `.env` file: one KEY=VALUE to a line, optionally after `export `; blank lines and
// comments (`#` at the start, or after a blank) have no effect. Single quotes make everything in
// them literal; in double quotes `\"` and `\\` stand for `"` and `\`. Variables are not expanded.
// Lines end in LF or CRLF; a UTF-8 byte order mark is skipped. Entries keep the order of the file;
// repeated keys stay.
//
// An error names the line and never shows its content, because secrets of other programs may stand
// in this file too.
[[nodiscard]] Result<std::vector<EnvFileEntry>> parse_env_file(std::string_view text);

struct EnvFile {
  std::vector<EnvFileEntry> entries;
  // Why other users may have written the file, with the cure; empty when they cannot have.
  std::string distrust;
};

// The file `.env` in `directory`. A missing one, or a folder of that name, has no entries.
[[nodiscard]] Result<EnvFile> read_env_file(const std::string& directory);

}  // namespace livestream
