#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace livestream {

// A player's report of how it plays, sent to /beacon every ten seconds. The values are claims of
// the client: show them, decide nothing by them.
struct PlayerReport {
  // From the arrival at the server to the screen, over the last minute.
  std::optional<double> latency_p50_ms;
  std::optional<double> latency_p95_ms;
  double buffer_ms = 0;
  // Speed of playback.
  double rate = 1;
  std::uint64_t dropped_frames = 0;
  std::uint64_t decoded_frames = 0;
  std::uint64_t stalls = 0;
  std::uint64_t reconnects = 0;
  // fetch, ws.
  std::string transport;
  // live, catching-up, ...
  std::string state;
};

}  // namespace livestream
