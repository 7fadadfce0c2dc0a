#include "source/ffmpeg_run.h"

#include <utility>

#include <boost/asio/buffer.hpp>

namespace livestream {
namespace {

using boost::asio::posix::stream_descriptor;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::milliseconds kExitPoll{20};

void adopt(stream_descriptor& descriptor, UniqueFd fd) {
  if (fd.valid()) descriptor.assign(fd.release());
}

}  // namespace

Result<std::shared_ptr<FfmpegRun>> FfmpegRun::start(boost::asio::io_context& loop,
                                                    const std::string& program,
                                                    const std::vector<std::string>& arguments,
                                                    const ChildProcess::Options& options,
                                                    Listener& listener) {
  Result<ChildProcess> child = ChildProcess::start(program, arguments, options);
  if (!child) return fail(child.error().message);
  auto run = std::make_shared<FfmpegRun>(loop, std::move(*child), listener);
  run->begin();
  return run;
}

FfmpegRun::FfmpegRun(boost::asio::io_context& loop, ChildProcess child, Listener& listener)
    : child_(std::move(child)),
      pid_(child_.pid()),
      listener_(&listener),
      output_(loop, &Listener::on_output, 1 << 18),
      sound_(loop, &Listener::on_sound, 1 << 14),
      errors_(loop),
      progress_(loop),
      exit_notice_(loop),
      exit_poll_(loop),
      grace_(loop) {}

void FfmpegRun::begin() {
  adopt(output_.descriptor, child_.take_output());
  adopt(sound_.descriptor, child_.take_sound());
  adopt(errors_, child_.take_errors());
  adopt(progress_, child_.take_progress());
  adopt(exit_notice_, child_.take_exit_notice());
  read_errors();
  read_progress();
  wait_for_exit();
}

void FfmpegRun::read_media() {
  if (std::exchange(reading_media_, true)) return;
  read(output_);
  read(sound_);
}

void FfmpegRun::read(MediaPipe& pipe) {
  pipe.descriptor.async_read_some(
      boost::asio::buffer(pipe.buffer),
      [self = shared_from_this(), &pipe](ErrorCode error, std::size_t size) {
        if (error) {
          pipe.ended = true;
          if (&pipe == &self->output_) self->expect_exit();
          return self->end_if_all_done();
        }
        if (self->listener_ != nullptr) {
          (self->listener_->*pipe.tell)(ByteView(pipe.buffer).first(size));
        }
        self->read(pipe);
      });
}

void FfmpegRun::read_errors() {
  errors_.async_read_some(boost::asio::buffer(error_buffer_),
                          [self = shared_from_this()](ErrorCode error, std::size_t size) {
                            if (error) {
                              self->errors_ended_ = true;
                              return self->end_if_all_done();
                            }
                            self->on_error_bytes({self->error_buffer_.data(), size});
                            self->read_errors();
                          });
}

void FfmpegRun::on_error_bytes(std::string_view bytes) {
  for (const StderrLine& line : stderr_reader_.read(bytes)) {
    if (listener_ != nullptr) listener_->on_log(line);
    const std::optional<InputFacts> facts = input_reader_.read_line(line.text);
    if (!facts) continue;
    if (listener_ != nullptr) listener_->on_input(*facts);
    read_media();
  }
}

void FfmpegRun::read_progress() {
  progress_.async_read_some(
      boost::asio::buffer(progress_buffer_),
      [self = shared_from_this()](ErrorCode error, std::size_t size) {
        if (error) return;
        const auto report = self->progress_reader_.read({self->progress_buffer_.data(), size});
        if (report && self->listener_ != nullptr) self->listener_->on_progress(*report);
        self->read_progress();
      });
}

void FfmpegRun::wait_for_exit() {
  if (exit_notice_.is_open()) {
    exit_notice_.async_wait(stream_descriptor::wait_read,
                            [self = shared_from_this()](ErrorCode) { self->reap_or_wait(); });
    return;
  }
  exit_poll_.expires_after(kExitPoll);
  exit_poll_.async_wait([self = shared_from_this()](ErrorCode) { self->reap_or_wait(); });
}

void FfmpegRun::reap_or_wait() {
  exit_ = child_.try_reap();
  if (!exit_) {
    // Readable and yet not reapable should not be; the poll keeps it from spinning.
    exit_notice_.close();
    return wait_for_exit();
  }
  grace_.cancel();
  read_media();  // it ended before it said what its input is
  end_if_all_done();
}

void FfmpegRun::end_if_all_done() {
  if (!exit_ || !output_.ended || !sound_.ended || !errors_ended_ || told_end_) return;
  told_end_ = true;
  ErrorCode ignored;
  progress_.close(ignored);
  if (listener_ != nullptr) listener_->on_ended(*exit_);
}

// After its last byte ffmpeg ends within a moment. One that goes on would never be missed.
void FfmpegRun::expect_exit() {
  if (exit_) return;
  grace_.expires_after(kExitGrace);
  grace_.async_wait([self = shared_from_this()](ErrorCode error) {
    if (error) return;
    self->went_on_without_output_ = true;
    self->kill();
  });
}

void FfmpegRun::stop() {
  child_.signal(SIGTERM);
  read_media();
  grace_.expires_after(kGrace);
  grace_.async_wait([self = shared_from_this()](ErrorCode error) {
    if (!error) self->kill();
  });
}

}  // namespace livestream
