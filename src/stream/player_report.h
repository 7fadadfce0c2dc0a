#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace livestream {

// How a viewer's player fares, in its own words: what it posts every ten seconds. Nothing here is
// to be trusted, only shown.
struct PlayerReport {
  std::optional<double>
      latency_p50_ms;  // glass to glass as far as the server's clock knows, over the last minute
  std::optional<double> latency_p95_ms;
  double buffer_ms = 0;
  double rate = 1;  // of playback
  std::uint64_t dropped_frames = 0;
  std::uint64_t decoded_frames = 0;
  std::uint64_t stalls = 0;
  std::uint64_t reconnects = 0;
  std::string transport;  // fetch, ws
  std::string state;      // live, catching-up, ...
};

}  // namespace livestream
