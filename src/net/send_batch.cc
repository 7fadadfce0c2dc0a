#include "net/send_batch.h"

#include <cerrno>
#include <utility>

#ifdef __linux__
#include <liburing.h>
#endif

#include "net/socket.h"

namespace livestream::net {

#ifdef __linux__

class SendBatch::Ring {
 public:
  Ring() {
    // One thread that asks for its completions itself (Linux 6.1): the cheapest way there is.
    works_ = io_uring_queue_init(kMost, &ring_,
                                 IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN) == 0;
  }
  ~Ring() {
    if (works_) io_uring_queue_exit(&ring_);
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  [[nodiscard]] bool works() const { return works_; }

  // How many of `sends`, from the first, have been made and have their result. Fewer than all when
  // the kernel takes no more: this must go then, for it still holds the others.
  std::size_t send(std::span<const Send> sends, std::span<int> results) {
    for (std::size_t i = 0; i < sends.size(); ++i) {
      io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
      io_uring_prep_send(entry, sends[i].fd, sends[i].bytes.iov_base, sends[i].bytes.iov_len,
                         kSendFlags);
      entry->user_data = i;
    }
    // Sends that may not block are complete when they have been submitted.
    for (std::size_t done = 0; done < sends.size();) {
      const int submitted =
          io_uring_submit_and_wait(&ring_, static_cast<unsigned>(sends.size() - done));
      done += reap(results);
      if (submitted < 0 && submitted != -EINTR) return done;
    }
    return sends.size();
  }

 private:
  std::size_t reap(std::span<int> results) {
    unsigned seen = 0;
    unsigned head = 0;
    io_uring_cqe* completion = nullptr;
    io_uring_for_each_cqe(&ring_, head, completion) {
      results[completion->user_data] = completion->res;
      ++seen;
    }
    io_uring_cq_advance(&ring_, seen);
    return seen;
  }

  io_uring ring_{};
  bool works_ = false;
};

#else

class SendBatch::Ring {
 public:
  [[nodiscard]] bool works() const { return false; }
  std::size_t send(std::span<const Send> /*sends*/, std::span<int> /*results*/) { return 0; }
};

#endif

SendBatch::SendBatch(Engine engine) : engine_(engine) {}

SendBatch::~SendBatch() = default;

std::span<const int> SendBatch::send() {
  // Here and not at construction: the ring belongs to the thread that makes it.
  if (std::exchange(engine_, Engine::kOneByOne) == Engine::kBest) {
    ring_ = std::make_unique<Ring>();
    if (!ring_->works()) ring_.reset();
  }
  const std::size_t size = std::exchange(size_, 0);
  std::size_t made = 0;
  if (ring_ != nullptr) {
    made = ring_->send(std::span(sends_).first(size), results_);
    if (made < size) ring_.reset();
  }
  for (; made < size; ++made) results_[made] = send_now(sends_[made].fd, {&sends_[made].bytes, 1});
  return std::span(results_).first(size);
}

}  // namespace livestream::net
