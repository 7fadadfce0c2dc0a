#include "stream/source_status.h"

namespace livestream {

const char* to_string(SourceState state) {
  switch (state) {
    case SourceState::kStarting:
      return "starting";
    case SourceState::kRunning:
      return "running";
    case SourceState::kWaiting:
      return "waiting";
    case SourceState::kStopped:
      return "stopped";
  }
  return "stopped";
}

}  // namespace livestream
