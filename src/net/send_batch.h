#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <sys/uio.h>

namespace livestream::net {

// Non-blocking sends that are gathered and then made at one entry into the kernel (io_uring), for
// entering it costs a good part of a small send. One by one where the kernel has no io_uring or
// forbids it, as containers often do. One thread, that of the first send().
class SendBatch {
 public:
  static constexpr std::size_t kMost = 64;

  enum class Engine { kBest, kOneByOne };
  explicit SendBatch(Engine engine = Engine::kBest);
  ~SendBatch();
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;

  // At most kMost before a send(), until which `bytes` must stay.
  void add(int fd, iovec bytes) { sends_[size_++] = {.fd = fd, .bytes = bytes}; }
  // Makes the sends. What each took, in the order of add(): bytes, or an error as -errno. Valid
  // until the next add().
  [[nodiscard]] std::span<const int> send();

  // Whether io_uring is in use; known after the first send().
  [[nodiscard]] bool by_ring() const { return ring_ != nullptr; }

 private:
  struct Send {
    int fd = -1;
    iovec bytes{};
  };
  class Ring;

  Engine engine_;
  std::unique_ptr<Ring> ring_;
  std::array<Send, kMost> sends_;
  std::array<int, kMost> results_{};
  std::size_t size_ = 0;
};

}  // namespace livestream::net
