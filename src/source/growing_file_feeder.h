#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/unique_fd.h"

namespace livestream {

// Copies a file that another program is writing into a pipe, from its beginning, and goes on
// whenever it has grown. A chunk is read when ffmpeg has taken the one before, so the pace of the
// reader is the pace of the feeder. It stops by itself when the pipe is closed. Reads of a regular
// file block for as long as the disk takes. Ingest thread.
class GrowingFileFeeder : public std::enable_shared_from_this<GrowingFileFeeder> {
 public:
  // `on_replaced`: the file was truncated, replaced or removed and written anew; no further call
  // comes. Begins at once.
  static std::shared_ptr<GrowingFileFeeder> start(boost::asio::io_context& loop, const Clock& clock,
                                                  std::string path, UniqueFd into,
                                                  std::function<void()> on_replaced);
  GrowingFileFeeder(boost::asio::io_context& loop, const Clock& clock, std::string path,
                    std::function<void()> on_replaced);

  // Closes the pipe; nothing is called any more.
  void stop();
  // The time since which the file has not grown; nothing while there are bytes to copy.
  [[nodiscard]] std::optional<SteadyTime> starved_since() const { return starved_since_; }

 private:
  void copy();
  void write(std::size_t size);
  void wait();
  [[nodiscard]] bool replaced() const;

  const Clock& clock_;
  const std::string path_;
  std::function<void()> on_replaced_;
  UniqueFd file_;
  ino_t inode_ = 0;
  off_t offset_ = 0;
  boost::asio::posix::stream_descriptor pipe_;
  boost::asio::steady_timer timer_;
  std::optional<SteadyTime> starved_since_;
  std::array<std::uint8_t, 1 << 16> chunk_;
};

}  // namespace livestream
