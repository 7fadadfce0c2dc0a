#pragma once

#include "net/socket.h"

namespace livestream::net {

// Limits the unacknowledged bytes that the kernel holds for a viewer of a stream of `bitrate_bps`
// to half a second of the stream: thousands of viewers behind bad networks do not take gigabytes,
// and a viewer with a round trip of 250 ms still catches up at twice the rate. Leaves the kernel's
// own sizing (up to net.ipv4.tcp_wmem) when the rate is unknown, 0, or net.core.wmem_max is too
// low.
void size_send_buffer(Socket& socket, double bitrate_bps);

}  // namespace livestream::net
