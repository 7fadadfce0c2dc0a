#include "source/growing_file_feeder.h"

#include <chrono>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "source/growing_file.h"

namespace livestream {
namespace {

constexpr std::chrono::milliseconds kPoll{50};

}  // namespace

std::shared_ptr<GrowingFileFeeder> GrowingFileFeeder::start(boost::asio::io_context& loop,
                                                            const Clock& clock, std::string path,
                                                            UniqueFd into,
                                                            std::function<void()> on_replaced) {
  auto feeder =
      std::make_shared<GrowingFileFeeder>(loop, clock, std::move(path), std::move(on_replaced));
  feeder->pipe_.assign(into.release());
  feeder->copy();
  return feeder;
}

GrowingFileFeeder::GrowingFileFeeder(boost::asio::io_context& loop, const Clock& clock,
                                     std::string path, std::function<void()> on_replaced)
    : clock_(clock),
      path_(std::move(path)),
      on_replaced_(std::move(on_replaced)),
      pipe_(loop),
      timer_(loop) {
  // A file that cannot be opened counts as replaced.
  if (auto file = open_growing_file(path_); file && *file) file_ = std::move(**file);
  struct stat now {};
  if (file_.valid() && ::fstat(file_.get(), &now) == 0) inode_ = now.st_ino;
}

void GrowingFileFeeder::stop() {
  boost::system::error_code ignored;
  pipe_.close(ignored);
  timer_.cancel();
  on_replaced_ = nullptr;
}

bool GrowingFileFeeder::replaced() const {
  struct stat now {};
  if (!file_.valid() || ::stat(path_.c_str(), &now) != 0) return true;
  return now.st_ino != inode_ || now.st_size < offset_;
}

void GrowingFileFeeder::copy() {
  const ssize_t got = ::pread(file_.get(), chunk_.data(), chunk_.size(), offset_);
  if (got > 0) {
    starved_since_.reset();
    offset_ += got;
    return write(static_cast<std::size_t>(got));
  }
  if (!starved_since_) starved_since_ = clock_.now();
  wait();
}

void GrowingFileFeeder::write(std::size_t size) {
  boost::asio::async_write(
      pipe_, boost::asio::buffer(chunk_.data(), size),
      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
        if (!error) self->copy();
      });
}

void GrowingFileFeeder::wait() {
  timer_.expires_after(kPoll);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error || !self->pipe_.is_open()) return;
    if (!self->replaced()) return self->copy();
    if (const auto tell = std::exchange(self->on_replaced_, nullptr)) tell();
  });
}

}  // namespace livestream
