#pragma once

#include <vector>

#include "config/config.h"
#include "config/given.h"

namespace livestream {

// A configuration with the place that each of its values comes from.
struct Effective {
  Config config;
  // The values that were given; for others the defaults hold.
  GivenByKey server;
  // In the order of config.streams.
  std::vector<GivenByKey> streams;
  // The values that each has of its own, in the same order.
  std::vector<GivenByKey> own;
  // The line of a file that begins each stream; empty when it stands in none.
  std::vector<std::string> places;
  // There is a file of streams.
  bool has_file = false;
};

// The output of --check: in the form of `.env` or, with a file or several streams, of
// livestream.yml. Without credentials, and with the origin of each value.
[[nodiscard]] std::string check_output(const Effective& effective);

}  // namespace livestream
