#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"

namespace livestream {

// Lets a text into the log once a minute, and counts how often it comes. A pure value.
class Repeats {
 public:
  // Whether the text was let through within the last minute.
  [[nodiscard]] bool is_recent(const std::string& text, SteadyTime now) const {
    const auto known = passed_.find(text);
    return known != passed_.end() && now - known->second.at < kInterval;
  }

  // Counts the text once more. How often it has come since it was last let through, this time
  // included; 0 when it is not let through now.
  [[nodiscard]] std::uint64_t count(const std::string& text, SteadyTime now) {
    if (is_recent(text, now)) {
      ++passed_[text].held_back;
      return 0;
    }
    const std::uint64_t held_back = std::exchange(passed_[text], {.at = now}).held_back;
    // A text that has not come again is forgotten after twice the time, with its count.
    std::erase_if(passed_,
                  [&](const auto& entry) { return now - entry.second.at >= 2 * kInterval; });
    return held_back + 1;
  }

  static constexpr std::chrono::minutes kInterval{1};

 private:
  struct Passed {
    SteadyTime at;
    std::uint64_t held_back = 0;
  };
  std::map<std::string, Passed> passed_;
};

}  // namespace livestream
