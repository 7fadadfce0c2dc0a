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
  // The paths whose change may change all this: livestream.yml, the folder streams.d and the files
  // in it, `.env`. Some may not exist.
  std::vector<std::string> files;
  // The path of streams.d, which may not exist.
  std::string streams_folder;
  // To be logged at start: values that were raised, rounded or ignored, and why.
  std::vector<std::string> notices;
};

}  // namespace livestream
