#include "net/send_buffer.h"

#include <algorithm>
#include <fstream>
#include <sys/socket.h>

namespace livestream::net {
namespace {

constexpr double kSeconds = 0.5;
constexpr double kSmallest = 64 * 1024;

// The largest size that SO_SNDBUF accepts; the kernel silently reduces larger ones to it.
double allowed() {
  static const double limit = [] {
    double bytes = 0;
    std::ifstream("/proc/sys/net/core/wmem_max") >> bytes;
    return bytes;
  }();
  return limit;
}

}  // namespace

void size_send_buffer(Socket& socket, double bitrate_bps) {
  if (bitrate_bps <= 0) return;
  const double bytes = std::max(kSmallest, bitrate_bps / 8 * kSeconds);
  if (bytes > allowed()) return;
  const int value = static_cast<int>(bytes);
  // The kernel doubles the value, because half of the buffer is for its own bookkeeping.
  (void)::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDBUF, &value, sizeof value);
}

}  // namespace livestream::net
