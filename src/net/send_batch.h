#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <sys/uio.h>
#include <vector>

#include "net/send_ring.h"

namespace livestream::net {

// The way out for everything that streams: gathers non-blocking sends and makes them with one
// system call (io_uring), because entering the kernel costs a good part of a small send. Makes them
// one by one where there is no ring. Belongs to the thread of the first send().
class SendBatch {
 public:
  static constexpr std::size_t kMost = 64;
  // The system's IOV_MAX.
  static constexpr std::size_t kMostPieces = 1024;

  // Null: one by one.
  using MakeRing = std::function<std::unique_ptr<SendRing>(std::size_t entries)>;
  explicit SendBatch(MakeRing make_ring = make_io_uring) : make_ring_(std::move(make_ring)) {}
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;

  // Adds a send of `pieces`, of which it takes the first kMostPieces. Copies the list but not the
  // bytes, which must stay until send(). At most kMost sends before a send().
  void add(int descriptor, std::span<const iovec> pieces);
  // Makes the sends. Gives the result of each in the order of add(): bytes taken, or an error as
  // -errno. Valid until the next send().
  [[nodiscard]] std::span<const int> send();

  [[nodiscard]] bool empty() const { return size_ == 0; }
  // Whether a ring is in use; known after the first send().
  [[nodiscard]] bool by_ring() const { return ring_ != nullptr; }

 private:
  struct Entry {
    int descriptor = -1;
    std::size_t pieces = 0;
  };

  void send_by_ring(std::span<const Send> sends);

  MakeRing make_ring_;
  std::unique_ptr<SendRing> ring_;
  std::array<Entry, kMost> entries_;
  // Of all entries, one after another.
  std::vector<iovec> pieces_;
  std::array<int, kMost> results_{};
  std::size_t size_ = 0;
};

}  // namespace livestream::net
