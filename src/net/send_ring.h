#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <sys/uio.h>

namespace livestream::net {

// A non-blocking gathered send: a socket, and pieces that go out in this order.
struct Send {
  int descriptor = -1;
  std::span<const iovec> pieces;
};

// Makes many sends with one system call. Used by one thread, which is also the one that made it.
class SendRing {
 public:
  virtual ~SendRing() = default;
  // Stores the result of each send that it made, bytes or -errno, and leaves the other results as
  // they are. False when it failed: it must not be used again, and a send without a result has not
  // been made. `results` is as long as `sends`, which is at most the entries that were asked for.
  [[nodiscard]] virtual bool send(std::span<const Send> sends, std::span<int> results) = 0;
};

// An io_uring for up to `entries` sends at once. Null where the kernel has none or forbids it, as
// containers often do.
[[nodiscard]] std::unique_ptr<SendRing> make_io_uring(std::size_t entries);

}  // namespace livestream::net
