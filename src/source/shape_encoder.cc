#include "source/shape_encoder.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace livestream {

Result<std::shared_ptr<ShapeEncoder>> ShapeEncoder::start(boost::asio::io_context& loop,
                                                          const FfmpegStarter& starter,
                                                          const std::vector<std::string>& command,
                                                          std::uint32_t memory_mb, Events events) {
  auto encoder = std::make_shared<ShapeEncoder>(loop, std::move(events));
  auto process = starter(command, {.pipes_input = true, .memory_mb = memory_mb}, *encoder);
  if (!process) return fail(process.error().message);
  encoder->process_ = std::move(*process);
  if (UniqueFd input = encoder->process_->take_input(); input.valid())
    encoder->input_.assign(input.release());
  return encoder;
}

ShapeEncoder::ShapeEncoder(boost::asio::io_context& loop, Events events)
    : events_(std::move(events)), input_(loop) {}

void ShapeEncoder::write(Bytes picture) {
  waiting_bytes_ += picture.size();
  waiting_.push_back(std::move(picture));
  write_next();
}

void ShapeEncoder::finish() {
  finished_ = true;
  write_next();
}

void ShapeEncoder::close() {
  boost::system::error_code ignored;
  input_.close(ignored);
  waiting_.clear();
  if (!process_) return;
  process_->forget_listener();
  process_->kill();
  process_.reset();
}

void ShapeEncoder::hold(bool held) {
  if (process_) process_->hold(held);
}

void ShapeEncoder::write_next() {
  if (writing_ || !input_.is_open()) return;
  if (waiting_.empty()) {
    boost::system::error_code ignored;
    if (finished_) input_.close(ignored);
    return;
  }
  writing_ = true;
  boost::asio::async_write(
      input_, boost::asio::buffer(waiting_.front()),
      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
        self->writing_ = false;
        if (error || !self->process_) return;  // its end follows
        self->waiting_bytes_ -= self->waiting_.front().size();
        self->waiting_.pop_front();
        self->events_.on_taken();
        self->write_next();
      });
}

void ShapeEncoder::on_ended(const ExitStatus& status) {
  const auto self = shared_from_this();
  const std::shared_ptr<FfmpegProcess> process = std::exchange(process_, nullptr);
  const bool ended_well = finished_ && status.code == 0 && status.signal == 0;
  std::string reason = ended_well ? "" : explain(process->errors());
  if (!ended_well && reason.empty()) reason = fmt::format("ffmpeg ended ({})", status.describe());
  events_.on_ended(std::move(reason));
}

}  // namespace livestream
