#pragma once

#include "http/response.h"
#include "stream/viewer_registry.h"

namespace livestream {

// POST /beacon: a player tells how it fares; shown per viewer in /stats. 204 when it was taken, or
// when the viewer has left meanwhile; 400 when it is no report. Any thread.
[[nodiscard]] http::Answer take_beacon(const http::Request& request, ViewerRegistry& viewers);

}  // namespace livestream
