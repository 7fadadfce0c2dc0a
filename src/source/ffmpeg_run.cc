#include "source/ffmpeg_run.h"

#include <utility>

#include <boost/asio/buffer.hpp>

#include "source/ffmpeg_info.h"

namespace livestream {
namespace {

using boost::asio::posix::stream_descriptor;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::milliseconds kExitPoll{20};

void adopt(stream_descriptor& descriptor, UniqueFd fd) {
  if (fd.valid()) descriptor.assign(fd.release());
}

}  // namespace

Result<std::shared_ptr<FfmpegProcess>> FfmpegRun::start(boost::asio::io_context& loop,
                                                        const std::vector<std::string>& arguments,
                                                        const ChildProcess::Options& options,
                                                        Listener& listener) {
  const Result<std::string> program = find_program(arguments.front());
  if (!program) return fail(program.error().message);
  Result<ChildProcess> child = ChildProcess::start(*program, arguments, options);
  if (!child) return fail(child.error().message);
  auto run = std::make_shared<FfmpegRun>(loop, std::move(*child), listener);
  run->begin();
  return run;
}

FfmpegRun::FfmpegRun(boost::asio::io_context& loop, ChildProcess child, Listener& listener)
    : child_(std::move(child)),
      pid_(child_.pid()),
      listener_(&listener),
      output_(loop, 1 << 18),
      sound_(loop, 1 << 14),
      pictures_(loop, 1 << 18),
      copied_sound_(loop, 1 << 14),
      errors_(loop),
      progress_(loop),
      exit_notice_(loop),
      exit_poll_(loop),
      grace_(loop) {}

void FfmpegRun::begin() {
  adopt(output_.descriptor, child_.take_output());
  adopt(sound_.descriptor, child_.take_sound());
  adopt(pictures_.descriptor, child_.take_pictures());
  adopt(copied_sound_.descriptor, child_.take_copied_sound());
  adopt(errors_, child_.take_errors());
  adopt(progress_, child_.take_progress());
  adopt(exit_notice_, child_.take_exit_notice());
  read_errors();
  read_progress();
  wait_for_exit();
}

void FfmpegRun::read_media() {
  knows_input_ = true;
  read(output_);
  // Before the encoded sound, which may end the run where the copied one does not come.
  read(copied_sound_);
  read(sound_);
  read(pictures_);
}

void FfmpegRun::hold(bool held) {
  output_.held = sound_.held = copied_sound_.held = held;
  if (!held && knows_input_) read_media();
}

void FfmpegRun::hold_pictures(bool held) {
  pictures_.held = held;
  if (!held && knows_input_) read_media();
}

void FfmpegRun::read(MediaPipe& pipe) {
  const bool may_read = !pipe.held || stopping_ || exit_.has_value();
  if (!may_read || pipe.reading || pipe.ended) return;
  pipe.reading = true;
  pipe.descriptor.async_read_some(
      boost::asio::buffer(pipe.buffer),
      [self = shared_from_this(), &pipe](ErrorCode error, std::size_t size) {
        pipe.reading = false;
        if (error) {
          pipe.ended = true;
          if (&pipe == &self->output_) self->expect_exit();
          return self->end_if_all_done();
        }
        self->on_media(pipe, ByteView(pipe.buffer).first(size));
        self->read(pipe);
      });
}

void FfmpegRun::on_media(MediaPipe& pipe, ByteView bytes) {
  if (listener_ == nullptr) return;
  if (&pipe == &sound_) {
    listener_->on_sound(bytes);
  } else if (&pipe == &copied_sound_) {
    listener_->on_copied_sound(bytes);
  } else if (&pipe == &pictures_) {
    listener_->on_pictures(bytes);
  } else {
    listener_->on_output(bytes);
  }
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
    const std::optional<InputFacts> facts = input_reader_.read_line(line);
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
    // A notice without an end should not happen; the poll keeps this from spinning.
    exit_notice_.close();
    return wait_for_exit();
  }
  grace_.cancel();
  // It may have ended before it described its input. The rest of its pipes, at most a
  // megabyte each, is read even while the run is held.
  read_media();
  end_if_all_done();
}

void FfmpegRun::end_if_all_done() {
  const bool read_all =
      output_.ended && sound_.ended && pictures_.ended && copied_sound_.ended && errors_ended_;
  if (!exit_ || !read_all || told_end_) return;
  told_end_ = true;
  ErrorCode ignored;
  progress_.close(ignored);
  if (listener_ != nullptr) listener_->on_ended(*exit_);
}

// ffmpeg ends within milliseconds of its last byte. Kill one that does not, because without output
// no other watch would notice it.
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
  stopping_ = true;
  child_.signal(SIGTERM);
  read_media();
  grace_.expires_after(kGrace);
  grace_.async_wait([self = shared_from_this()](ErrorCode error) {
    if (!error) self->kill();
  });
}

FfmpegStarter ffmpeg_starter(boost::asio::io_context& loop) {
  return [&loop](const std::vector<std::string>& arguments, const ChildProcess::Options& options,
                 FfmpegProcess::Listener& listener) {
    return FfmpegRun::start(loop, arguments, options, listener);
  };
}

}  // namespace livestream
