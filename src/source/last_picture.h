#pragma once

#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/slate_maker.h"
#include "source/stream_writer.h"
#include "stream/stream.h"

namespace livestream {

// Keeps the last picture of a source on demand, darkened, for the viewers who come next: they see
// it until the source has opened. One short run of ffmpeg codes it. Ingest thread.
class LastPicture {
 public:
  // Borrows everything that comes by reference.
  LastPicture(boost::asio::io_context& ingest, const SourceSettings& settings,
              const EncodingSettings& encoding, const Stream& stream, const StreamWriter& writer,
              const Clock& clock, Log log);
  ~LastPicture() { forget(); }

  // Takes the stream's newest picture, unless the source has given none since the last call.
  void keep(const FfmpegInfo& ffmpeg);
  void forget();
  // Absent before the first, and until it is made.
  [[nodiscard]] const std::optional<Slate>& picture() const { return picture_; }
  // When the source gave it.
  [[nodiscard]] WallTime taken() const { return taken_; }

 private:
  boost::asio::io_context& loop_;
  const SourceSettings& settings_;
  const EncodingSettings& encoding_;
  const Stream& stream_;
  const StreamWriter& writer_;
  const Clock& clock_;
  const Log log_;

  std::optional<Slate> picture_;
  WallTime taken_{};
  // How many pictures the source had given when the last one was taken.
  std::uint64_t frames_ = 0;
  std::shared_ptr<SlateMaker> maker_;
};

}  // namespace livestream
