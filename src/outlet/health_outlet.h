#pragma once

#include "base/clock.h"
#include "http/response.h"
#include "stream/stream_registry.h"

namespace livestream {

// GET /healthz: 200 as long as the process answers. Any thread.
[[nodiscard]] http::Answer health();

// GET /NAME/readyz: 200 while the source runs and a fragment of media came in the last five
// seconds; else 503 with the reason, also while a slate is shown. Any thread.
[[nodiscard]] http::Answer readiness(const Stream& stream, const Clock& clock);

// GET /readyz: 200 while one of the streams is ready, or is fed on demand only, because a server
// with one camera away still serves the others. Else 503 with the reasons. Any thread.
[[nodiscard]] http::Answer readiness(const StreamTable& table, const Clock& clock);

}  // namespace livestream
