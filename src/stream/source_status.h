#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace livestream {

enum class SourceState : std::uint8_t {
  kStarting,  // ffmpeg runs, nothing has come yet
  kRunning,   // fragments flow
  kWaiting,   // the source is away; `retry_at` says when it is tried again
  kStopped,
};

// The lower-case word for it in /stats and in state messages: starting, running, waiting, stopped.
[[nodiscard]] const char* to_string(SourceState state);

// What is known of a stream's source, for /stats, the state messages and the page. All text is
// masked.
struct SourceStatus {
  SourceState state = SourceState::kStarting;
  std::string kind;  // file, network, http, device, growing_file, demo
  std::string url;
  std::uint64_t restarts = 0;  // starts of ffmpeg after the first
  std::string last_error;      // one line, empty when nothing has gone wrong yet
  // Sentences about what the source has and the stream does not, each with its reason.
  std::vector<std::string> notes;
  std::string warning;     // what is wrong now though it runs, with the cure; empty when nothing is
  // Samples older than what their track held already, since the server's start.
  std::uint64_t dropped_samples = 0;
  double speed = 0;        // ffmpeg's media seconds per second over the last few seconds
  double fps = 0;          // video frames per second, measured over the last few seconds
  double bitrate_bps = 0;  // of all tracks, measured over the last few seconds
  int ffmpeg_pid = 0;      // 0 when none runs
  WallTime since{};        // when `state` began
  std::optional<SteadyTime> retry_at;
};

}  // namespace livestream
