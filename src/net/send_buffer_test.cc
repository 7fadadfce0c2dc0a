#include "net/send_buffer.h"

#include <sys/socket.h>

#include <gtest/gtest.h>

namespace livestream::net {
namespace {

class SendBuffer : public testing::Test {
 protected:
  [[nodiscard]] int size() {
    int value = 0;
    socklen_t length = sizeof value;
    EXPECT_EQ(::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDBUF, &value, &length), 0);
    return value;
  }

  boost::asio::io_context io_;
  Socket socket_{io_, boost::asio::ip::tcp::v4()};
};

TEST_F(SendBuffer, HoldsHalfASecondOfTheStream) {
  size_send_buffer(socket_, 1'600'000);
  EXPECT_EQ(size(), 2 * 100'000);
}

TEST_F(SendBuffer, IsNotSmallerThanAFrameOrTwo) {
  size_send_buffer(socket_, 50'000);
  EXPECT_EQ(size(), 2 * 64 * 1024);
}

TEST_F(SendBuffer, IsTheKernelsAffairWhenTheRateIsNotKnownOrTooHigh) {
  const int before = size();
  size_send_buffer(socket_, 0);
  EXPECT_EQ(size(), before);
  size_send_buffer(socket_, 1e12);
  EXPECT_EQ(size(), before);
}

}  // namespace
}  // namespace livestream::net
