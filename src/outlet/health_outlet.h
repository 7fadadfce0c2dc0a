#pragma once

#include "base/clock.h"
#include "http/response.h"
#include "stream/stream.h"

namespace livestream {

// GET /healthz: 200 as long as the process answers. Any thread.
[[nodiscard]] http::Answer health();

// GET /readyz: 200 when viewers see the source now, that is when a fragment of it came in the last
// five seconds; else 503 with the reason. A slate is no source. Any thread.
[[nodiscard]] http::Answer readiness(const Stream& stream, const Clock& clock);

}  // namespace livestream
