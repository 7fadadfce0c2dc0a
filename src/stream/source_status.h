#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace livestream {

enum class SourceState : std::uint8_t {
  // ffmpeg runs; no media yet.
  kStarting,
  // Fragments flow.
  kRunning,
  // The source is away; `retry_at` is the time of the next attempt.
  kWaiting,
  kStopped,
};

// The state as /stats and state messages write it: starting, running, waiting, stopped.
[[nodiscard]] const char* to_string(SourceState state);

// A stream's source, for /stats, the state messages and the page. All text is masked.
struct SourceStatus {
  SourceState state = SourceState::kStarting;
  // file, network, http, device, growing_file, demo.
  std::string kind;
  std::string url;
  // Starts of ffmpeg after the first.
  std::uint64_t restarts = 0;
  // One line; empty as long as nothing has gone wrong.
  std::string last_error;
  // Parts of the source that are left out, and why; a sentence each.
  std::vector<std::string> notes;
  // A fault that lasts although media flows, with the cure; empty without one.
  std::string warning;
  // Samples older than what their track held already, since the server's start.
  std::uint64_t dropped_samples = 0;
  // ffmpeg's media seconds per second, over the last few seconds.
  double speed = 0;
  // Video frames per second, over the last few seconds.
  double fps = 0;
  // Of all tracks, over the last few seconds.
  double bitrate_bps = 0;
  // 0 while none runs.
  int ffmpeg_pid = 0;
  // When `state` began.
  WallTime since{};
  std::optional<SteadyTime> retry_at;
};

}  // namespace livestream
