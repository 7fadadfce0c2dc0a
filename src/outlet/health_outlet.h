#pragma once

#include "base/clock.h"
#include "http/response.h"
#include "stream/stream.h"

namespace livestream {

// GET /healthz: 200 as long as the process answers. Any thread.
[[nodiscard]] http::Answer health();

// GET /readyz: 200 while the source runs and a fragment of media came in the last five seconds;
// else 503 with the reason, also while a slate is shown. Any thread.
[[nodiscard]] http::Answer readiness(const Stream& stream, const Clock& clock);

}  // namespace livestream
