#pragma once

#include "http/response.h"
#include "stream/viewer_registry.h"

namespace livestream {

// POST /beacon: a player's report of how it plays, shown with its viewer in /stats. The viewer's
// id, which only the player was told, says whose report it is. 204, also when that viewer has left;
// 400 for a body that is not a report. Any thread.
[[nodiscard]] http::Answer take_beacon(const http::Request& request, ViewerRegistry& viewers);

}  // namespace livestream
