#include "server/service_manager.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace livestream {

ServiceManager::ServiceManager() {
  if (const char* socket = std::getenv("NOTIFY_SOCKET")) socket_ = socket;
  if (const char* period = std::getenv("WATCHDOG_USEC")) {
    const long long microseconds = std::atoll(period);
    if (microseconds > 0) watchdog_ = std::chrono::microseconds(microseconds);
  }
}

void ServiceManager::send(std::string_view state) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  // '@' stands for the zero byte of Linux's abstract names.
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  if (descriptor < 0) return;
  (void)::sendto(descriptor, state.data(), state.size(), 0,
                 reinterpret_cast<const sockaddr*>(&address),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size()));
  (void)::close(descriptor);
}

}  // namespace livestream
