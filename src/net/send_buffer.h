#pragma once

#include "net/socket.h"

namespace livestream::net {

// Bounds what the kernel may hold unacknowledged for a viewer of a stream of `bitrate_bps`: half a
// second of it, so that thousands of viewers behind bad networks do not take gigabytes, and one
// with a round trip of 250 ms still catches up at twice the rate. The kernel's own sizing stays (up
// to net.ipv4.tcp_wmem) where the rate is not known, 0, and where net.core.wmem_max forbids as
// much.
void size_send_buffer(Socket& socket, double bitrate_bps);

}  // namespace livestream::net
