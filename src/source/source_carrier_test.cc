#include "source/source_carrier.h"

#include <csignal>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/fake_ffmpeg_for_test.h"

namespace livestream {
namespace {

using ::testing::ElementsAre;

class SourceCarrierTest : public ::testing::Test {
 protected:
  SourceCarrierTest() {
    // As the server does.
    std::signal(SIGPIPE, SIG_IGN);
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    reader_ = UniqueFd(ends[0]);
    auto carrier = SourceCarrier::start(
        loop_, ffmpegs_.starter(), {"ffmpeg", "-f", "data"}, 0, UniqueFd(ends[1]),
        [this](const StderrLine& line) { said_.push_back(line.text); });
    EXPECT_TRUE(carrier.has_value());
    carrier_ = std::move(*carrier);
  }

  FakeFfmpeg& process() { return ffmpegs_.last_carrier(); }

  void run() {
    loop_.restart();
    loop_.poll();
  }

  // The bytes that the reader can read now; nothing at its end.
  std::optional<std::string> read() {
    std::string bytes(std::size_t{1} << 22, '\0');
    const ssize_t size = ::read(reader_.get(), bytes.data(), bytes.size());
    if (size == 0) return std::nullopt;
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }

  boost::asio::io_context loop_;
  FakeFfmpegs ffmpegs_;
  UniqueFd reader_;
  std::vector<std::string> said_;
  std::unique_ptr<SourceCarrier> carrier_;
};

TEST_F(SourceCarrierTest, TheReaderGetsAllBytesAndThenTheEnd) {
  process().put_out("one ");
  process().put_out("two");
  run();
  EXPECT_EQ(read(), "one two");
  process().put_out(" three");
  process().end({});
  run();
  EXPECT_EQ(read(), " three");
  EXPECT_EQ(read(), std::nullopt);
  EXPECT_FALSE(carrier_->has_failed());
}

TEST_F(SourceCarrierTest, ASlowReaderHoldsUpTheSourceAndLosesNothing) {
  std::string sent;
  for (int i = 0; !process().held; ++i) {
    ASSERT_LT(i, 100);
    const std::string piece(100'000, static_cast<char>('a' + i % 26));
    sent += piece;
    process().put_out(piece);
    run();
  }
  process().end({});
  std::string received;
  while (const auto bytes = read()) {
    received += *bytes;
    run();
  }
  EXPECT_TRUE(received == sent) << received.size() << " of " << sent.size();
  EXPECT_FALSE(process().held);
}

TEST_F(SourceCarrierTest, AFailureIsToldWithItsWords) {
  process().say("Connection refused", LogLevel::kError);
  process().end({.code = 1});
  run();
  EXPECT_TRUE(carrier_->has_failed());
  EXPECT_THAT(carrier_->errors(), ElementsAre("Connection refused"));
  EXPECT_THAT(said_, ElementsAre("Connection refused"));
  EXPECT_EQ(read(), std::nullopt);
}

TEST_F(SourceCarrierTest, ItsEndKillsTheProcessWhateverIsUnderWay) {
  process().put_out(std::string(1 << 20, 'x'));
  run();
  carrier_.reset();
  EXPECT_TRUE(process().killed);
  process().put_out("late");
  run();
}

TEST_F(SourceCarrierTest, AReaderThatIsGoneIsNoError) {
  reader_ = {};
  process().put_out("x");
  run();
  process().put_out("y");
  run();
  process().end({});
  run();
  EXPECT_FALSE(carrier_->has_failed());
}

}  // namespace
}  // namespace livestream
