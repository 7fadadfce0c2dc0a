#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace livestream::net {

// When to report that descriptors have run out and that they suffice again. While connections come
// and go at the limit, each accept may fail or succeed, so the end is reported only after kCalm
// without a failure. One thread.
class Shortage {
 public:
  static constexpr std::chrono::seconds kCalm{5};

  // An accept has failed. True when a shortage begins.
  [[nodiscard]] bool begins(SteadyTime now) {
    const bool is_new = !last_failure_;
    last_failure_ = now;
    return is_new;
  }
  // Called now and then. True once, when the shortage is over.
  [[nodiscard]] bool is_over(SteadyTime now) {
    if (!last_failure_ || now - *last_failure_ < kCalm) return false;
    last_failure_.reset();
    return true;
  }

 private:
  // Nothing: no shortage.
  std::optional<SteadyTime> last_failure_;
};

}  // namespace livestream::net
