#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace livestream {

// One hook under way. Passive: the runner says when it goes on. The runner's thread.
class HookRun {
 public:
  virtual ~HookRun() = default;
  // Goes on as far as possible. Once the run has ended: why it failed, in one masked line, or an
  // empty text when it did not fail.
  [[nodiscard]] virtual std::optional<std::string> go_on(SteadyTime now) = 0;
  // Ends the run soon: `why` is then the reason of its failure.
  virtual void end(std::string why, SteadyTime now) = 0;
  // Adds what becomes readable when the run can go on.
  virtual void add_descriptors(std::vector<int>& descriptors) const = 0;
  // When to go on at the latest.
  [[nodiscard]] virtual SteadyTime wake_at(SteadyTime now) const = 0;
};

}  // namespace livestream
