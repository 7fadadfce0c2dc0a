#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/result.h"
#include "base/shared_bytes.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "flv/flv_reader.h"
#include "source/ffmpeg_run.h"
#include "source/slate_command.h"
#include "stream/stream.h"

namespace livestream {

// The coded frames of a still picture that viewers get while the source is away; to be repeated
// from the first one on.
struct Slate {
  Track video;
  // The track for silence; its samples are made when needed (silence.h).
  std::optional<Track> audio;
  // The first one is independent.
  std::vector<Sample> frames;
  FrameRate rate;
};

// The GOP that a joining viewer would get, without sound: init segment and fragments.
[[nodiscard]] std::vector<SharedBytes> newest_gop(const Stream& stream);

// Makes a slate with one short run of ffmpeg: from the stream's last picture if it can be had, else
// a plain one; with text if this ffmpeg can write; with VIDEO_CODEC if that works, else libx264.
// Lives until it is done, even when no owner is left. Ingest thread.
class SlateMaker : public std::enable_shared_from_this<SlateMaker>,
                   private FfmpegProcess::Listener {
 public:
  using Done = std::function<void(Result<Slate>)>;

  // `gop`: init segment and fragments of the newest GOP, with `order.gop_frames` frames of video;
  // both may be empty. `done` is called once, from the loop, unless `cancel` comes first.
  static std::shared_ptr<SlateMaker> start(boost::asio::io_context& loop,
                                           const SourceSettings& settings,
                                           const EncodingSettings& encoding, SlateOrder order,
                                           std::vector<SharedBytes> gop, Done done);
  SlateMaker(boost::asio::io_context& loop, const SourceSettings& settings,
             const EncodingSettings& encoding, Done done);
  // After the deadline an ffmpeg that is slow to end may outlive the maker.
  ~SlateMaker() override;

  void cancel();

 private:
  void on_log(const StderrLine&) override {}
  void on_input(const InputFacts&) override {}
  void on_output(ByteView bytes) override;
  void on_progress(const Progress&) override {}
  void on_ended(const ExitStatus& status) override;

  void attempt();
  void feed(UniqueFd input);
  [[nodiscard]] bool simplify(const std::deque<std::string>& errors);
  void finish(Result<Slate> slate);

  boost::asio::io_context& loop_;
  const SourceSettings settings_;
  EncodingSettings encoding_;  // VIDEO_CODEC is an encoder, not `copy`
  Done done_;
  SlateOrder order_;
  std::vector<SharedBytes> gop_;

  // Of the current attempt.
  std::shared_ptr<FfmpegProcess> run_;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::steady_timer deadline_;
  std::unique_ptr<FlvReader> reader_;
  Slate slate_;
};

}  // namespace livestream
