#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "source/ffmpeg_run.h"
#include "source/picture_ender.h"

namespace livestream {

// Brings the bytes of a transport stream from the network to an ffmpeg that reads them from its
// standard input, with the ends of pictures made known (PictureEnder). Another ffmpeg fetches them,
// which speaks all protocols and does not look into the stream. Ingest thread.
class SourceCarrier final : private FfmpegProcess::Listener {
 public:
  // `into`: the standard input of the reader, which sees the end of the source as its end. `log`:
  // called from the loop, never after the destruction.
  [[nodiscard]] static Result<std::unique_ptr<SourceCarrier>> start(
      boost::asio::io_context& loop, const FfmpegStarter& starter,
      const std::vector<std::string>& command, std::uint32_t memory_mb, UniqueFd into,
      std::function<void(const StderrLine&)> log);
  SourceCarrier(boost::asio::io_context& loop, UniqueFd into,
                std::function<void(const StderrLine&)> log);
  // Kills the process.
  ~SourceCarrier() override;

  // SIGTERM, and SIGKILL after a grace.
  void stop() { process_->stop(); }
  // The source has ended, and not by itself: errors() say why.
  [[nodiscard]] bool has_failed() const {
    return exit_ && (exit_->code != 0 || exit_->signal != 0);
  }
  [[nodiscard]] const std::deque<std::string>& errors() const { return process_->errors(); }

 private:
  void on_log(const StderrLine& line) override { log_(line); }
  void on_input(const InputFacts&) override {}
  void on_output(ByteView bytes) override;
  void on_progress(const Progress&) override {}
  void on_ended(const ExitStatus& status) override;
  void write();

  std::function<void(const StderrLine&)> log_;
  std::shared_ptr<FfmpegProcess> process_;
  // Shared with the write under way, which may outlast this object.
  struct Pipe {
    explicit Pipe(boost::asio::io_context& loop) : descriptor(loop) {}
    boost::asio::posix::stream_descriptor descriptor;
    Bytes writing;
    Bytes next;
  };
  const std::shared_ptr<Pipe> pipe_;
  PictureEnder ender_;
  std::optional<ExitStatus> exit_;
};

}  // namespace livestream
