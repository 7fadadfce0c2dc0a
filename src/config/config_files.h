#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/config_file.h"
#include "config/reference.h"

namespace livestream {

// The content of livestream.yml and of the folder streams.d beside it.
struct ConfigFiles {
  // Whether there is any such file.
  bool found = false;
  // The streams of the folder stand behind those of the file, in the order of their names.
  ConfigFile content;
  // The paths whose change may change the content, whether or not they exist: the file, the folder,
  // and the files in it.
  std::vector<std::string> watched;
  // The path of streams.d.
  std::string folder;
};

// `named` is the path of the file, from `directory` when it is relative, and it has to exist; when
// it is empty, the file is livestream.yml in `directory`, and may be missing. Blocks.
[[nodiscard]] Result<ConfigFiles> read_config_files(const std::string& directory,
                                                    const std::string& named,
                                                    const Variables& variables);

}  // namespace livestream
