#include "source/source_carrier.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace livestream {
namespace {

// A reader that is this far behind holds up the source.
constexpr std::size_t kMostWaiting = 1u << 20;

}  // namespace

Result<std::unique_ptr<SourceCarrier>> SourceCarrier::start(
    boost::asio::io_context& loop, const FfmpegStarter& starter,
    const std::vector<std::string>& command, std::uint32_t memory_mb, UniqueFd into,
    std::function<void(const StderrLine&)> log) {
  auto carrier = std::make_unique<SourceCarrier>(loop, std::move(into), std::move(log));
  auto process = starter(command, {.pipes_media = false, .memory_mb = memory_mb}, *carrier);
  if (!process) return fail(process.error().message);
  carrier->process_ = std::move(*process);
  return carrier;
}

SourceCarrier::SourceCarrier(boost::asio::io_context& loop, UniqueFd into,
                             std::function<void(const StderrLine&)> log)
    : log_(std::move(log)), pipe_(std::make_shared<Pipe>(loop)) {
  if (into.valid()) pipe_->descriptor.assign(into.release());
}

SourceCarrier::~SourceCarrier() {
  boost::system::error_code ignored;
  pipe_->descriptor.close(ignored);
  if (!process_) return;
  process_->forget_listener();
  process_->kill();
}

void SourceCarrier::on_output(ByteView bytes) {
  ender_.write(bytes, pipe_->next);
  if (pipe_->next.size() > kMostWaiting) process_->hold(true);
  if (pipe_->writing.empty()) write();
}

void SourceCarrier::write() {
  std::swap(pipe_->writing, pipe_->next);
  if (pipe_->writing.empty()) {
    boost::system::error_code ignored;
    if (exit_) pipe_->descriptor.close(ignored);
    return;
  }
  boost::asio::async_write(
      pipe_->descriptor, boost::asio::buffer(pipe_->writing),
      [this, pipe = pipe_](const boost::system::error_code& error, std::size_t) {
        // Closed by the destructor, or the reader is gone: then its owner ends this, too.
        if (error || !pipe->descriptor.is_open()) return;
        pipe->writing.clear();
        process_->hold(false);
        write();
      });
}

void SourceCarrier::on_ended(const ExitStatus& status) {
  exit_ = status;
  if (pipe_->writing.empty()) write();
}

}  // namespace livestream
