#pragma once

#include "base/clock.h"
#include "http/response.h"
#include "outlet/event_log.h"
#include "stream/stream_registry.h"

namespace livestream {

// GET /events: server-sent events (WHATWG HTML §9.2): first the present state of each stream, then
// what happens; docs/http-api.md lists the kinds. `streams=a,b` chooses. With Last-Event-ID it goes
// on behind that event, if it is still kept. Any thread; the log outlives the answer.
[[nodiscard]] http::Answer listen(const http::Request& request, const StreamTable& table,
                                  const EventLog& events, const Clock& clock);

// The state of the source of the stream `name`, as one line of JSON.
[[nodiscard]] std::string state_of(const std::string& name, const SourceStatus& status);

}  // namespace livestream
