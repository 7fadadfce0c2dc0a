#pragma once

#include "http/response.h"
#include "stream/stream_registry.h"
#include "stream/viewer_registry.h"

namespace livestream {

// GET /streams.json: the streams of this server in their order, each with what a page shows beside
// its picture; docs/http-api.md explains the keys. Any thread.
[[nodiscard]] http::Answer list_streams(const StreamTable& table, const ViewerRegistry& viewers);

}  // namespace livestream
