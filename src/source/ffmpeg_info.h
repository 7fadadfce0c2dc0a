#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"

namespace livestream {

// Facts about the ffmpeg program. Before they are known (major 0) a current version is assumed,
// because the stream starts at once and does not wait for the answer.
struct FfmpegInfo {
  int major = 0;
  int minor = 0;
  std::set<std::string> encoders;  // names, e.g. libx264, aac; empty: not known

  [[nodiscard]] bool older_than(int other_major, int other_minor) const {
    return major != 0 && (major < other_major || (major == other_major && minor < other_minor));
  }
};

// Where the program is: `name` itself when it has a slash, else the first match in PATH. Fails with
// the line to show (how to install ffmpeg) when there is none. Does not start anything.
[[nodiscard]] Result<std::string> find_program(const std::string& name);

// Reads the output of `ffmpeg -encoders`, banner (standard error) and list (standard output)
// together. A version that is not a number (a nightly build) counts as current.
[[nodiscard]] FfmpegInfo parse_ffmpeg_info(const std::string& output);

// Whether this ffmpeg can make the stream that `config` asks for; the error is one line with the
// cure.
[[nodiscard]] Result<void> check_usable(const FfmpegInfo& info, const SourceSettings& settings,
                                        const EncodingSettings& encoding);

}  // namespace livestream
