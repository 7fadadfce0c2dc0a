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

std::vector<int> results_of(SendBatch& batch) {
  const std::span<const int> results = batch.send();
  return {results.begin(), results.end()};
}

std::unique_ptr<SendRing> no_ring(std::size_t /*entries*/) { return nullptr; }

class SendBatchBy : public testing::TestWithParam<SendBatch::MakeRing> {
 protected:
  void add(const Pair& pair, std::string& text) {
    const iovec bytes = bytes_of(text);
    batch_.add(pair.near(), {&bytes, 1});
  }

  SendBatch batch_{GetParam()};
};

TEST_P(SendBatchBy, SendsToEachItsOwnBytes) {
  std::vector<Pair> pairs(SendBatch::kMost);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      texts.push_back(std::to_string(round) + ":" + std::string(i + 1, 'x'));
    for (std::size_t i = 0; i < pairs.size(); ++i) add(pairs[i], texts[i]);
    const std::vector<int> results = results_of(batch_);
    ASSERT_EQ(results.size(), pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      EXPECT_EQ(results[i], static_cast<int>(texts[i].size()));
      EXPECT_EQ(pairs[i].received(), texts[i]);
    }
  }
}

TEST_P(SendBatchBy, SendsPiecesInOneGo) {
  std::vector<Pair> pairs(3);
  std::string texts[] = {"head ", "", "middle ", "end"};
  std::vector<iovec> pieces;
  for (std::string& text : texts) pieces.push_back(bytes_of(text));
  for (int round = 0; round < 2; ++round) {
    batch_.add(pairs[0].near(), pieces);
    batch_.add(pairs[1].near(), std::span(pieces).subspan(2, 1));
    batch_.add(pairs[2].near(), std::span(pieces).last(2));
    EXPECT_EQ(results_of(batch_), (std::vector<int>{15, 7, 10}));
    EXPECT_EQ(pairs[0].received(), "head middle end");
    EXPECT_EQ(pairs[1].received(), "middle ");
    EXPECT_EQ(pairs[2].received(), "middle end");
  }
}

TEST_P(SendBatchBy, KeepsNoListThatItWasGiven) {
  const Pair pair;
  std::string text = "kept";
  {
    const std::vector<iovec> pieces(2, bytes_of(text));
    batch_.add(pair.near(), pieces);
  }
  EXPECT_EQ(results_of(batch_), std::vector<int>{8});
}

TEST_P(SendBatchBy, SendsTheFirstPiecesOfALongList) {
  const Pair pair;
  std::string text = "x";
  const std::vector<iovec> pieces(SendBatch::kMostPieces + 3, bytes_of(text));
  batch_.add(pair.near(), pieces);
  EXPECT_EQ(results_of(batch_), std::vector<int>{static_cast<int>(SendBatch::kMostPieces)});
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
  const iovec bytes = bytes_of(text);
  for (const int fd : {full.near(), gone.near(), -1, fine.near()}) batch_.add(fd, {&bytes, 1});
  EXPECT_EQ(results_of(batch_), (std::vector<int>{-EAGAIN, -EPIPE, -EBADF, 5}));
  EXPECT_EQ(fine.received(), "hello");
}

TEST_P(SendBatchBy, TakesAsMuchAsThereIsRoomFor) {
  Pair pair;
  std::string much(std::size_t{8} << 20, 'm');
  add(pair, much);
  const int taken = batch_.send()[0];
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, static_cast<int>(much.size()));
}

TEST_P(SendBatchBy, SendsNothingWhenNothingWasAdded) {
  EXPECT_TRUE(batch_.empty());
  EXPECT_TRUE(batch_.send().empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, SendBatchBy, testing::Values(make_io_uring, no_ring),
                         [](const auto& tested) {
                           return tested.index == 0 ? "Ring" : "OneByOne";
                         });

// A ring that breaks after it has made some of the sends, in any order.
class BreakingRing final : public SendRing {
 public:
  explicit BreakingRing(std::vector<std::size_t> made) : made_(std::move(made)) {}
  bool send(std::span<const Send> sends, std::span<int> results) override {
    for (const std::size_t index : made_)
      results[index] = send_now(sends[index].descriptor, sends[index].pieces);
    return false;
  }

 private:
  const std::vector<std::size_t> made_;
};

TEST(SendBatchWithARing, ThatBreaksMakesEachSendOnce) {
  for (const std::vector<std::size_t>& made :
       {std::vector<std::size_t>{}, {0}, {2}, {3, 1}, {2, 0, 3, 1}}) {
    SendBatch batch([&made](std::size_t) { return std::make_unique<BreakingRing>(made); });
    std::vector<Pair> pairs(4);
    std::string text = "once";
    const iovec bytes = bytes_of(text);
    for (const Pair& pair : pairs) batch.add(pair.near(), {&bytes, 1});
    EXPECT_EQ(results_of(batch), std::vector<int>(4, 4));
    EXPECT_FALSE(batch.by_ring());
    for (const Pair& pair : pairs) EXPECT_EQ(pair.received(), "once");
  }
}

}  // namespace
}  // namespace livestream::net
