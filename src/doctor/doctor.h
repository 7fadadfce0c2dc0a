#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "doctor/check.h"

namespace livestream {

// Looks at everything that serving by this configuration needs, and tells each result as soon as it
// is known; without a configuration, at what does not depend on one. Starts ffmpeg many times, and
// nothing else; changes nothing. Blocks for about ten seconds, and six and a half more for each
// four sources.
void examine(const Result<Config>& config, const std::function<void(const Check&)>& tell);

// `livestream-server doctor`: prints the results of `examine`, as lines or, with `as_json`, as one
// object at the end. The exit code: 1 with a fault, else 0.
[[nodiscard]] int run_doctor(const Result<Config>& config, bool as_json);

}  // namespace livestream
