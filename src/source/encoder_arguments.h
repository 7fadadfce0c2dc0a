#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace livestream {

// What one H.264 encoder wants besides what all of them want.
struct EncoderArguments {
  std::vector<std::string> global;  // before the inputs
  std::string pixel_filter;         // the end of the filter chain
  std::vector<std::string> output;  // after -c:v NAME
};

// For VIDEO_CODEC other than copy. An encoder that is not known by name gets a bitrate and nothing
// else.
[[nodiscard]] EncoderArguments encoder_arguments(const Config& config);

}  // namespace livestream
