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
  double ramp = 1000;        // viewers that connect per second before the window
  double warm_s = 3;         // between the last of them and the window
  double window_s = 10;      // what is measured
  double joins_per_s = 0;    // more viewers that come during the window, each for a second
  std::size_t samples = 32;  // viewers whose bytes are read: for the spread, and checked
  std::size_t slow = 0;      // of the viewers: those that read at `slow_mbit`
  double slow_mbit = 1;      // Mbit/s
  bool check = false;     // the samples' and slow viewers' boxes, as livestream-server makes them
  std::vector<int> pids;  // whose CPU time and memory to report: the server
  int core = -1;          // that the server is pinned to; -1: not reported
  double memory_every_s =
      0;  // resident memory of `pids` this often through the window; 0: its ends
};

// Options of the command line; an error names what is wrong.
[[nodiscard]] Result<Options> parse_options(int argc, char** argv);

}  // namespace livestream::load
