#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace livestream {

using Environment = std::map<std::string, std::string>;

// The task of this run of the program.
enum class Action { kServe, kCheck, kPrintAndExit };

struct Invocation {
  Action action = Action::kServe;
  Config config;
  // kPrintAndExit (--help, --version): the text; kCheck: the effective configuration, masked.
  std::string output;
};

// Flags win over the environment, the environment over the file `.env` in `directory`, which may be
// missing, and the file over the defaults. An error names the key as the user wrote it or the line
// of `.env`, the value, and the allowed values.
[[nodiscard]] Result<Invocation> load_config(const std::vector<std::string>& arguments,
                                             const Environment& environment,
                                             const std::string& directory);

}  // namespace livestream
