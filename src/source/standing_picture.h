#pragma once

#include <chrono>
#include <cstddef>
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

// Repeats the last picture of a source that is still, twice a second, because players stop where a
// track ends. One short run of ffmpeg makes two pictures of it that stand alone, to be shown in
// turns: two equal ones in a row could be taken for one (idr_pic_id, ISO/IEC 14496-10 §7.4.3).
// Ingest thread.
class StandingPicture {
 public:
  // Borrows everything that comes by reference.
  StandingPicture(boost::asio::io_context& ingest, const SourceSettings& settings,
                  const EncodingSettings& encoding, Stream& stream, StreamWriter& writer, Log log);
  ~StandingPicture() { end(); }

  // To be called again and again while the source is still.
  void show(SteadyTime now, const FfmpegInfo& ffmpeg);
  // The source has a picture again, or is away.
  void end();

  static constexpr std::chrono::milliseconds kInterval{500};

 private:
  void make(const FfmpegInfo& ffmpeg);
  void made(Result<Slate> pictures);

  boost::asio::io_context& loop_;
  const SourceSettings& settings_;
  const EncodingSettings& encoding_;
  Stream& stream_;
  StreamWriter& writer_;
  const Log log_;

  // Of the current stillness.
  std::optional<Slate> pictures_;
  std::size_t next_ = 0;
  std::shared_ptr<SlateMaker> maker_;
  bool failed_ = false;
  std::optional<SteadyTime> shown_at_;
};

}  // namespace livestream
