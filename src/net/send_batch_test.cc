#include "net/send_batch.h"

#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "net/socket.h"

namespace livestream::net {
namespace {

class Pair {
 public:
  Pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds_), 0); }
  ~Pair() {
    hang_up();
    ::close(fds_[0]);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  [[nodiscard]] int near() const { return fds_[0]; }
  void hang_up() {
    if (fds_[1] >= 0) ::close(std::exchange(fds_[1], -1));
  }
  [[nodiscard]] std::string received() const {
    char bytes[256];
    const ssize_t size = ::recv(fds_[1], bytes, sizeof bytes, MSG_DONTWAIT);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
  }

 private:
  int fds_[2] = {-1, -1};
};

iovec bytes_of(std::string& text) { return {.iov_base = text.data(), .iov_len = text.size()}; }

class SendBatchBy : public testing::TestWithParam<SendBatch::Engine> {
 protected:
  SendBatch batch_{GetParam()};
};

TEST_P(SendBatchBy, SendsToEachWhatIsItsOwn) {
  std::vector<Pair> pairs(SendBatch::kMost);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      texts.push_back(std::to_string(round) + ":" + std::string(i + 1, 'x'));
    for (std::size_t i = 0; i < pairs.size(); ++i) batch_.add(pairs[i].near(), bytes_of(texts[i]));
    const std::span<const int> results = batch_.send();
    ASSERT_EQ(results.size(), pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      EXPECT_EQ(results[i], static_cast<int>(texts[i].size()));
      EXPECT_EQ(pairs[i].received(), texts[i]);
    }
  }
}

TEST_P(SendBatchBy, OneThatCannotTakeItDoesNotHoldUpTheOthers) {
  Pair full;
  std::string much(std::size_t{1} << 20, 'm');
  while (send_now(full.near(), {{bytes_of(much)}}) > 0) {
  }
  Pair gone;
  gone.hang_up();
  Pair fine;
  std::string text = "hello";
  for (const int fd : {full.near(), gone.near(), -1, fine.near()}) batch_.add(fd, bytes_of(text));
  const std::span<const int> results = batch_.send();
  EXPECT_EQ(std::vector<int>(results.begin(), results.end()),
            (std::vector<int>{-EAGAIN, -EPIPE, -EBADF, 5}));
  EXPECT_EQ(fine.received(), "hello");
}

TEST_P(SendBatchBy, TakesAsMuchAsThereIsRoomFor) {
  Pair pair;
  std::string much(std::size_t{8} << 20, 'm');
  batch_.add(pair.near(), bytes_of(much));
  const int taken = batch_.send()[0];
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, static_cast<int>(much.size()));
}

TEST_P(SendBatchBy, NothingIsNothing) { EXPECT_TRUE(batch_.send().empty()); }

INSTANTIATE_TEST_SUITE_P(Engines, SendBatchBy,
                         testing::Values(SendBatch::Engine::kBest, SendBatch::Engine::kOneByOne),
                         [](const auto& tested) {
                           return tested.param == SendBatch::Engine::kBest ? "Best" : "OneByOne";
                         });

}  // namespace
}  // namespace livestream::net
