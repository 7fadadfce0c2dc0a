#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace livestream::load {

struct Options {
  std::string host = "127.0.0.1";
  std::string port = "8000";
  std::string path = "/stream";
  std::size_t viewers = 100;
  // Viewers that connect per second before the window.
  double ramp = 1000;
  // Time between the last connection and the window.
  double warm_s = 3;
  // Length of the measured window.
  double window_s = 10;
  // Additional viewers that connect during the window, each for a second.
  double joins_per_s = 0;
  // Viewers whose bytes are read, for the spread and for the check.
  std::size_t samples = 32;
  // Number of the viewers that read at `slow_mbit` (Mbit/s).
  std::size_t slow = 0;
  double slow_mbit = 1;
  // Checks the boxes of samples and slow viewers against the rules of livestream-server.
  bool check = false;
  // Processes of the server, whose CPU time and memory are reported.
  std::vector<int> pids;
  // The core that the server is pinned to; -1: not reported.
  int core = -1;
  // Interval of readings of the resident memory of `pids` in the window; 0: only before and after
  // it.
  double memory_every_s = 0;
};

// Parses the command line; an error names the option and the fault.
[[nodiscard]] Result<Options> parse_options(int argc, char** argv);

}  // namespace livestream::load
