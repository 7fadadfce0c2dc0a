#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livestream {

// The command line, split into settings. Their values are not checked.
struct CommandLine {
  struct Given {
    // The name in an error: --video-fps, or VIDEO_FILE.
    std::string written;
    std::string value;
  };
  bool help = false;
  bool version = false;
  bool check = false;
  bool schema = false;
  // The file of --config; empty when there is none.
  std::string config_file;
  // All of them when there are several; VIDEO_FILE is not among the settings then.
  std::vector<std::string> sources;
  // By key.
  std::map<std::string_view, Given> settings;
};

// An argument that is not a flag is a source. `--flag value` and `--flag=value` mean the same, the
// last of several wins, `--` ends the flags. Fails when a flag is unknown (the error names the flag
// that was probably meant) or lacks its value, or when there is --video-file beside a source.
// Errors show no credential.
[[nodiscard]] Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments);

[[nodiscard]] std::string usage();

}  // namespace livestream
