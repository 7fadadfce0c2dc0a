#include "base/open_files.h"

#include <sys/resource.h>

#include <fmt/format.h>

namespace livestream {
namespace {

// For ffmpeg's pipes, listening sockets, logs and small requests beside the viewers.
constexpr rlim_t kReserve = 100;

}  // namespace

std::string raise_open_files(std::uint32_t max_clients) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  limit.rlim_cur = limit.rlim_max;
  // macOS refuses RLIM_INFINITY here; then the limit stays what it was.
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) (void)::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= max_clients + kReserve) return {};
  return fmt::format(
      "MAX_CLIENTS={} does not fit into this process's limit of {} open files: viewers beyond "
      "about {} will be "
      "refused; raise it (ulimit -n {}, or LimitNOFILE={} in a systemd unit)",
      max_clients, limit.rlim_cur, limit.rlim_cur > kReserve ? limit.rlim_cur - kReserve : 0,
      max_clients + kReserve, max_clients + kReserve);
}

}  // namespace livestream
