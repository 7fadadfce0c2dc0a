#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/given.h"
#include "config/reference.h"

namespace livestream {

// A stream as a file describes it. Its values are resolved, and not yet checked for their form.
struct FileStream {
  std::string name;
  // The file and line that begin it.
  std::string place;
  // Of stream_settings(); VIDEO_FILE is among them.
  GivenByKey values;
};

// The content of livestream.yml, or of a file in streams.d.
struct ConfigFile {
  GivenByKey server;
  // Of stream_settings(), for each stream without a value of its own.
  GivenByKey defaults;
  // In the order of the file; the names differ.
  std::vector<FileStream> streams;
  // The keys of settings that are named without a value.
  std::vector<std::string_view> unset;
  std::vector<std::string> notices;
  // A credential stands in the file itself.
  bool has_secret_in_clear = false;
};

// The circumstances of reading a file.
struct FileContext {
  // As errors name the file.
  std::string name;
  // Why others may have written the file (reason_to_distrust); it does not choose programs then.
  std::string distrust;
  Variables variables;
};

// The text of livestream.yml. An error is one line with file, line and key.
[[nodiscard]] Result<ConfigFile> parse_config_file(std::string_view text,
                                                   const FileContext& context);

// The text of a file in streams.d, which is the stream `stream`.
[[nodiscard]] Result<ConfigFile> parse_stream_file(std::string_view text, std::string_view stream,
                                                   const FileContext& context);
// Some of the keys of such a file: the source may be missing.
[[nodiscard]] Result<ConfigFile> parse_stream_keys(std::string_view text, std::string_view stream,
                                                   const FileContext& context);

}  // namespace livestream
