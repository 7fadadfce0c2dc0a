#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <signal.h>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/bytes.h"
#include "base/result.h"
#include "source/child_process.h"
#include "source/input_facts.h"
#include "source/progress_reader.h"
#include "source/stderr_reader.h"

namespace livestream {

// One life of an ffmpeg child on the loop: reads its pipes to their ends, reaps it, and tells
// the listener. Lives until the child is gone, even when nobody holds it any more. Ingest thread.
class FfmpegRun : public std::enable_shared_from_this<FfmpegRun> {
 public:
  // All calls come from the loop, never from within start, stop or kill.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_log(const StderrLine& line) = 0;
    // What ffmpeg found its input to be. Comes before any output.
    virtual void on_input(const InputFacts& facts) = 0;
    virtual void on_output(ByteView bytes) = 0;
    // Of the second output, on descriptor 4, where the command has one.
    virtual void on_sound(ByteView) {}
    virtual void on_progress(const Progress& progress) = 0;
    // The last call: the child is reaped and everything that it wrote has been told.
    virtual void on_ended(const ExitStatus& status) = 0;
  };

  // The listener must outlive the run or call `forget_listener`.
  [[nodiscard]] static Result<std::shared_ptr<FfmpegRun>> start(
      boost::asio::io_context& loop, const std::string& program,
      const std::vector<std::string>& arguments, const ChildProcess::Options& options,
      Listener& listener);
  FfmpegRun(boost::asio::io_context& loop, ChildProcess child, Listener& listener);

  [[nodiscard]] int pid() const { return pid_; }
  [[nodiscard]] const std::deque<std::string>& errors() const { return stderr_reader_.errors(); }
  // Whether it closed its output, did not end, and was killed for it.
  [[nodiscard]] bool went_on_without_output() const { return went_on_without_output_; }
  // The child's standard input, to be taken once.
  [[nodiscard]] UniqueFd take_input() { return child_.take_input(); }

  // SIGTERM, and SIGKILL if it is still there after kGrace. Output goes on being read: an ffmpeg
  // that blocks on a full pipe does not hear SIGTERM.
  void stop();
  void kill() { child_.signal(SIGKILL); }
  void forget_listener() { listener_ = nullptr; }

  static constexpr std::chrono::milliseconds kGrace{400};
  static constexpr std::chrono::seconds kExitGrace{1};

 private:
  // A pipe with media in it.
  struct MediaPipe {
    MediaPipe(boost::asio::io_context& loop, void (Listener::*teller)(ByteView), std::size_t size)
        : descriptor(loop), tell(teller), buffer(size) {}
    boost::asio::posix::stream_descriptor descriptor;
    void (Listener::*const tell)(ByteView);
    bool ended = false;
    Bytes buffer;
  };

  void begin();
  void read_media();
  void read(MediaPipe& pipe);
  void read_errors();
  void read_progress();
  void wait_for_exit();
  void reap_or_wait();
  void end_if_all_done();
  void expect_exit();
  void on_error_bytes(std::string_view bytes);

  ChildProcess child_;
  const int pid_;
  Listener* listener_;
  MediaPipe output_;
  MediaPipe sound_;
  boost::asio::posix::stream_descriptor errors_;
  boost::asio::posix::stream_descriptor progress_;
  boost::asio::posix::stream_descriptor exit_notice_;
  boost::asio::steady_timer exit_poll_;
  boost::asio::steady_timer grace_;

  StderrReader stderr_reader_;
  InputDumpReader input_reader_;
  ProgressReader progress_reader_;
  std::array<char, 1 << 13> error_buffer_;
  std::array<char, 1 << 12> progress_buffer_;
  bool reading_media_ = false;
  bool errors_ended_ = false;
  bool told_end_ = false;
  bool went_on_without_output_ = false;
  std::optional<ExitStatus> exit_;
};

}  // namespace livestream
