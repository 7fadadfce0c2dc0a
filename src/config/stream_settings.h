#pragma once

#include <chrono>
#include <string>

#include "config/encoding_settings.h"
#include "config/hook_settings.h"
#include "config/source_settings.h"

namespace livestream {

// One entry of the list of streams.
struct StreamSettings {
  // Part of URLs: [a-z0-9][a-z0-9_-]{0,62}.
  std::string name = "default";
  // The name of the camera, for people: one line, shown on the page, in the tab and by the player.
  std::string title = "Live";
  // The source runs only while there are viewers, and `linger` longer.
  bool on_demand = false;
  std::chrono::milliseconds linger = std::chrono::seconds(10);
  // False: configured, but not served.
  bool enabled = true;
  SourceSettings source;
  EncodingSettings encoding;
  HookSettings hooks;

  bool operator==(const StreamSettings&) const = default;
};

}  // namespace livestream
