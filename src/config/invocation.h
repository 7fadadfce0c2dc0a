#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "config/stream_change.h"

namespace livestream {

using Environment = std::map<std::string, std::string>;

// The task of this run of the program.
enum class Action { kServe, kCheck, kPrintAndExit };

struct Invocation {
  Action action = Action::kServe;
  Config config;
  // kPrintAndExit (--help, --version, --schema): the text; kCheck: the effective configuration,
  // masked.
  std::string output;
};

// All that a configuration is made of, beside the files.
struct ConfigInputs {
  std::vector<std::string> arguments;
  Environment environment;
  // The working folder, for `.env` and livestream.yml.
  std::string directory;
  // To the streams of all that, in this order.
  std::vector<StreamChange> changes = {};
};

// A value of one stream comes from the first of these that has one: the stream's own key in
// livestream.yml or streams.d, a flag, the environment, `.env`, `defaults:` in livestream.yml, the
// built-in default. A value of the server: a flag, the environment, `.env`, livestream.yml, the
// default. An error is one line that names the place, the key and what is allowed. Blocks.
[[nodiscard]] Result<Invocation> load_config(const ConfigInputs& inputs);

// The keys of a stream's own, as a file of streams.d would hold them; references to variables stay
// references. Fails as load_config does.
[[nodiscard]] Result<std::string> own_text(const ConfigInputs& inputs, const std::string& stream);

// The configuration as the files are now, for a server that runs: with the inputs of its start.
// Fails as load_config does.
[[nodiscard]] Result<Config> load_again(const ConfigInputs& inputs);

}  // namespace livestream
