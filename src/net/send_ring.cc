#include "net/send_ring.h"

#include <cerrno>
#include <vector>

#ifdef __linux__
#include <liburing.h>
#endif

#include "net/socket.h"

namespace livestream::net {

#ifdef __linux__

namespace {

class IoUring final : public SendRing {
 public:
  explicit IoUring(std::size_t entries) : messages_(entries) {
    // A single thread that asks for its completions itself (Linux 6.1) costs the kernel least.
    works_ = io_uring_queue_init(static_cast<unsigned>(entries), &ring_,
                                 IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN) == 0;
  }
  ~IoUring() override {
    if (works_) io_uring_queue_exit(&ring_);
  }
  IoUring(const IoUring&) = delete;
  IoUring& operator=(const IoUring&) = delete;

  [[nodiscard]] bool works() const { return works_; }

  bool send(std::span<const Send> sends, std::span<int> results) override {
    for (std::size_t i = 0; i < sends.size(); ++i) prepare(sends[i], i);
    // A send that may not block is complete as soon as it has been submitted.
    for (std::size_t done = 0; done < sends.size();) {
      const int submitted =
          io_uring_submit_and_wait(&ring_, static_cast<unsigned>(sends.size() - done));
      done += reap(results);
      if (submitted < 0 && submitted != -EINTR) return done == sends.size();
    }
    return true;
  }

 private:
  void prepare(const Send& send, std::size_t index) {
    io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
    if (send.pieces.size() == 1) {
      io_uring_prep_send(entry, send.descriptor, send.pieces[0].iov_base, send.pieces[0].iov_len,
                         kSendFlags);
    } else {
      messages_[index] = message_of(send.pieces);
      io_uring_prep_sendmsg(entry, send.descriptor, &messages_[index], kSendFlags);
    }
    entry->user_data = index;
  }

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
  std::vector<msghdr> messages_;
  bool works_ = false;
};

}  // namespace

std::unique_ptr<SendRing> make_io_uring(std::size_t entries) {
  auto ring = std::make_unique<IoUring>(entries);
  if (!ring->works()) return nullptr;
  return ring;
}

#else

std::unique_ptr<SendRing> make_io_uring(std::size_t /*entries*/) { return nullptr; }

#endif

}  // namespace livestream::net
