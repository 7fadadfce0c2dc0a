#pragma once

#include <string>
#include <vector>

#include "config/server_settings.h"
#include "config/stream_settings.h"

namespace livestream {

// Everything that a user can set, checked for form; immutable once loaded. Whether the source
// exists is not a question of form: the server finds out, and tries again, while it serves.
struct Config {
  ServerSettings server;
  // At least one. Their names differ.
  std::vector<StreamSettings> streams = {StreamSettings{}};
  // To be logged at start: values that were raised, rounded or ignored, and why.
  std::vector<std::string> notices;
};

}  // namespace livestream
