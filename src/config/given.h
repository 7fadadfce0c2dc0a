#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/settings.h"

namespace livestream {

// A value and the place where the user wrote it.
struct Given {
  std::string value;
  // The key as an error names it: --video-fps, `.env line 3: PORT`, `livestream.yml line 7: port`.
  std::string written;
  // The place as --check names it.
  std::string origin;
  // Of a value in a file: the text there, in which ${NAME} may stand for a secret.
  std::string in_file;
};

// By the setting's key. A setting with an empty value is not there: it counts as not set.
using GivenByKey = std::map<std::string_view, Given>;

// Says in one line that the value is not one that the setting allows.
[[nodiscard]] std::string refusal_of(const Given& given, const Setting& setting);

}  // namespace livestream
