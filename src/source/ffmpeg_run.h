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

// One run of an ffmpeg child, as its owner sees it. Ingest thread.
class FfmpegProcess {
 public:
  // All calls come from the loop, never from within start, stop or kill.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_log(const StderrLine& line) = 0;
    // ffmpeg's description of its input. Comes before any output.
    virtual void on_input(const InputFacts& facts) = 0;
    // Bytes of the first output (descriptor 1), and of the second one (descriptor 4) where the
    // command has one.
    virtual void on_output(ByteView bytes) = 0;
    virtual void on_sound(ByteView) {}
    // Bytes of the uncoded pictures (descriptor 5; source/shape_relay.h) where the command has
    // them.
    virtual void on_pictures(ByteView) {}
    // Bytes of the sound as the source has it (descriptor 6) where the command has it, too.
    virtual void on_copied_sound(ByteView) {}
    virtual void on_progress(const Progress& progress) = 0;
    // The last call: the child is reaped and everything that it wrote has been told.
    virtual void on_ended(const ExitStatus& status) = 0;
  };

  virtual ~FfmpegProcess() = default;

  [[nodiscard]] virtual int pid() const = 0;
  // Its last error lines, oldest first.
  [[nodiscard]] virtual const std::deque<std::string>& errors() const = 0;
  // True when it closed its output, did not end, and was killed for that.
  [[nodiscard]] virtual bool went_on_without_output() const = 0;
  // The child's standard input, to be taken once.
  [[nodiscard]] virtual UniqueFd take_input() = 0;

  // Stops reading its output, so that it blocks as soon as its pipes are full; or reads on.
  virtual void hold(bool held) = 0;
  // The same for its uncoded pictures, which `hold` does not hold.
  virtual void hold_pictures(bool held) = 0;
  // SIGTERM, and SIGKILL if the child is still there after kGrace. Output is read on: an ffmpeg
  // that blocks on a full pipe does not handle SIGTERM.
  virtual void stop() = 0;
  virtual void kill() = 0;
  virtual void forget_listener() = 0;

  static constexpr std::chrono::milliseconds kGrace{400};
};

// Starts an ffmpeg with these arguments (program first); FfmpegRun::start, or a test's stand-in.
using FfmpegStarter = std::function<Result<std::shared_ptr<FfmpegProcess>>(
    const std::vector<std::string>& arguments, const ChildProcess::Options& options,
    FfmpegProcess::Listener& listener)>;

// The real one: reads the child's pipes to their ends, reaps it, and tells the listener. Lives
// until the child is gone, even when no owner is left.
class FfmpegRun final : public FfmpegProcess, public std::enable_shared_from_this<FfmpegRun> {
 public:
  // The listener must outlive the run or call `forget_listener`. Fails with one line when the
  // program is missing or cannot be started.
  [[nodiscard]] static Result<std::shared_ptr<FfmpegProcess>> start(
      boost::asio::io_context& loop, const std::vector<std::string>& arguments,
      const ChildProcess::Options& options, Listener& listener);
  FfmpegRun(boost::asio::io_context& loop, ChildProcess child, Listener& listener);

  [[nodiscard]] int pid() const override { return pid_; }
  [[nodiscard]] const std::deque<std::string>& errors() const override {
    return stderr_reader_.errors();
  }
  [[nodiscard]] bool went_on_without_output() const override { return went_on_without_output_; }
  [[nodiscard]] UniqueFd take_input() override { return child_.take_input(); }
  void hold(bool held) override;
  void hold_pictures(bool held) override;
  void stop() override;
  void kill() override { child_.signal(SIGKILL); }
  void forget_listener() override { listener_ = nullptr; }

  static constexpr std::chrono::seconds kExitGrace{1};

 private:
  // A pipe with media in it.
  struct MediaPipe {
    MediaPipe(boost::asio::io_context& loop, std::size_t size) : descriptor(loop), buffer(size) {}
    boost::asio::posix::stream_descriptor descriptor;
    bool ended = false;
    bool reading = false;
    bool held = false;
    Bytes buffer;
  };

  void begin();
  void read_media();
  void read(MediaPipe& pipe);
  void on_media(MediaPipe& pipe, ByteView bytes);
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
  MediaPipe pictures_;
  MediaPipe copied_sound_;
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
  bool knows_input_ = false;
  bool stopping_ = false;
  bool errors_ended_ = false;
  bool told_end_ = false;
  bool went_on_without_output_ = false;
  std::optional<ExitStatus> exit_;
};

// Starts each on this loop, which outlives them.
[[nodiscard]] FfmpegStarter ffmpeg_starter(boost::asio::io_context& loop);

}  // namespace livestream
