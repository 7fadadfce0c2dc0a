#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livestream {

// The command line, split into settings but with their values not looked at.
struct CommandLine {
  struct Given {
    std::string written;  // as it is to be named in an error: --video-fps, or VIDEO_FILE
    std::string value;
  };
  bool help = false;
  bool version = false;
  bool check = false;
  std::map<std::string_view, Given> settings;  // by key
};

// One argument that is no flag is VIDEO_FILE. `--flag value` and `--flag=value` are the same, the
// last of several wins, `--` ends the flags. Fails, without showing a credential, when a flag is
// unknown, lacks its value, or there is more than one source.
[[nodiscard]] Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments);

[[nodiscard]] std::string usage();

}  // namespace livestream
