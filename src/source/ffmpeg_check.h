#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/result.h"
#include "config/stream_settings.h"
#include "source/ffmpeg_info.h"
#include "source/ffmpeg_run.h"

namespace livestream {

// One look at the ffmpeg program, beside the streams that already run: its version and encoders, by
// `ffmpeg -encoders`. An ffmpeg that was killed or does not answer within kTimeout says nothing
// about itself, which is not an error. Ingest thread.
class FfmpegCheck final : private FfmpegProcess::Listener {
 public:
  // The facts (major 0: none were found), or one line with the cure when this ffmpeg cannot make
  // the stream that the settings ask for.
  using Done = std::function<void(Result<FfmpegInfo>)>;

  // `done` is called once, from the loop, unless the check is destroyed before. Borrows loop and
  // starter.
  FfmpegCheck(boost::asio::io_context& loop, const FfmpegStarter& starter, StreamSettings settings,
              Done done);
  ~FfmpegCheck() override;

  void start();

  static constexpr std::chrono::seconds kTimeout{10};

 private:
  void on_log(const StderrLine& line) override { banner_ += line.text + "\n"; }
  void on_input(const InputFacts&) override {}
  void on_output(ByteView bytes) override;
  void on_progress(const Progress&) override {}
  void on_ended(const ExitStatus& status) override;

  const FfmpegStarter& starter_;
  const StreamSettings settings_;
  const Done done_;
  boost::asio::steady_timer timeout_;
  std::shared_ptr<FfmpegProcess> process_;
  std::string banner_;
  std::string list_;
};

}  // namespace livestream
