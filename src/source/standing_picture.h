#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/slate_maker.h"
#include "source/stream_writer.h"
#include "stream/stream.h"

namespace livestream {

// Shows the last picture of a source that is still at the stream's frame rate, because players stop
// where a track ends. One short run of ffmpeg codes it; all but its first frame say only that
// nothing has changed. Ingest thread.
class StandingPicture {
 public:
  // Borrows everything that comes by reference.
  StandingPicture(boost::asio::io_context& ingest, const SourceSettings& settings,
                  const EncodingSettings& encoding, Stream& stream, StreamWriter& writer, Log log);
  ~StandingPicture() { end(); }

  // The source is still; may be called again. `trails`: how far the standing picture keeps behind
  // the clock, from its first call on.
  void show(const FfmpegInfo& ffmpeg, std::chrono::milliseconds trails);
  // The picture has stood until `time` after the end of the source's last picture, and no longer.
  void fill_until(std::chrono::milliseconds time);
  // The source has a picture again, or is away.
  void end();

 private:
  void make(const FfmpegInfo& ffmpeg);
  void made(Result<Slate> pictures);
  void write_due_frames();
  [[nodiscard]] std::chrono::milliseconds time_of(std::int64_t frame) const;

  boost::asio::io_context& loop_;
  const SourceSettings& settings_;
  const EncodingSettings& encoding_;
  Stream& stream_;
  StreamWriter& writer_;
  const Log log_;

  // Of the current stillness.
  std::optional<Slate> pictures_;
  std::int64_t next_ = 0;
  std::shared_ptr<SlateMaker> maker_;
  bool failed_ = false;
  std::chrono::milliseconds trails_{0};
  boost::asio::steady_timer timer_;
};

}  // namespace livestream
