#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/bytes.h"
#include "base/result.h"
#include "source/ffmpeg_run.h"

namespace livestream {

// The ffmpeg that encodes relayed pictures of one shape (source/shape_relay.h). Ingest thread.
class ShapeEncoder final : public std::enable_shared_from_this<ShapeEncoder>,
                           private FfmpegProcess::Listener {
 public:
  // Called from the loop, never after close().
  struct Events {
    std::function<void(ByteView)> on_coded;
    // A picture has been taken: waiting_bytes() is less than before.
    std::function<void()> on_taken;
    // Empty: all pictures were coded; else why not.
    std::function<void(std::string)> on_ended;
  };

  // Fails with one line when ffmpeg cannot be started.
  [[nodiscard]] static Result<std::shared_ptr<ShapeEncoder>> start(
      boost::asio::io_context& loop, const FfmpegStarter& starter,
      const std::vector<std::string>& command, std::uint32_t memory_mb, Events events);
  ShapeEncoder(boost::asio::io_context& loop, Events events);
  ~ShapeEncoder() override { close(); }

  // Takes a picture, framed as it was relayed.
  void write(Bytes picture);
  // No more pictures come; on_ended follows.
  void finish();
  // Kills the process; nothing is told any more.
  void close();
  // Stops reading what is coded, or reads on.
  void hold(bool held);
  [[nodiscard]] std::size_t waiting_bytes() const { return waiting_bytes_; }

 private:
  void on_log(const StderrLine&) override {}
  void on_input(const InputFacts&) override {}
  void on_output(ByteView bytes) override { events_.on_coded(bytes); }
  void on_progress(const Progress&) override {}
  void on_ended(const ExitStatus& status) override;
  void write_next();

  Events events_;
  std::shared_ptr<FfmpegProcess> process_;
  boost::asio::posix::stream_descriptor input_;
  std::deque<Bytes> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool writing_ = false;
  bool finished_ = false;
};

}  // namespace livestream
