#pragma once

#include <string>
#include <vector>

#include "config/encoding_settings.h"
#include "config/server_settings.h"
#include "config/source_settings.h"

namespace livestream {

// Everything that a user can set, checked for form; immutable once loaded. Whether the source
// exists is not a question of form: the server finds out, and tries again, while it serves.
struct Config {
  ServerSettings server;
  SourceSettings source;
  EncodingSettings encoding;
  // To be logged at start: values that were raised, rounded or ignored, and why.
  std::vector<std::string> notices;
};

}  // namespace livestream
