#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/slate_maker.h"
#include "source/stream_writer.h"
#include "stream/stream.h"

namespace livestream {

// Puts a slate into the stream while the source is away: makes one once per absence, and repeats it
// in real time until the source is back. Costs one short run of ffmpeg and then next to nothing. A
// slate that cannot be made is a log line and tried again; viewers then get state messages alone.
// While the source opens, a picture of old may stand there without words. Ingest thread.
class SlateProducer {
 public:
  // Borrows everything that comes by reference.
  SlateProducer(boost::asio::io_context& ingest, const SourceSettings& settings,
                const EncodingSettings& encoding, Stream& stream, StreamWriter& writer,
                const Clock& clock, Log log);
  ~SlateProducer();

  // There has been no picture for `since`. Call it repeatedly while the source is away.
  void source_away(std::chrono::milliseconds since, const FfmpegInfo& ffmpeg);
  // The source's own picture is in the stream again, or the stream ends.
  void stop();
  [[nodiscard]] bool playing() const { return shown_.has_value(); }

  // Shows a picture of old from now on, until a slate or the source takes its place.
  void show_old(const Slate& picture);
  [[nodiscard]] bool shows_old() const { return playing() && old_; }

  static constexpr std::chrono::milliseconds kMakeAfter{1000};
  static constexpr std::chrono::milliseconds kPlayAfter{2000};
  static constexpr std::chrono::milliseconds kMakeAgainAfter{10'000};

 private:
  void make(const FfmpegInfo& ffmpeg);
  void made(Result<Slate> slate);
  void play(Slate slate, bool old);
  void restart_clock();
  void schedule();
  void write_due_frames();

  boost::asio::io_context& loop_;
  const SourceSettings& settings_;
  const EncodingSettings& encoding_;
  Stream& stream_;
  StreamWriter& writer_;
  const Clock& clock_;
  const Log log_;

  // Of the current absence.
  std::chrono::milliseconds away_{0};              // so far
  std::chrono::milliseconds make_at_{kMakeAfter};  // of it; later after each failure
  std::shared_ptr<SlateMaker> maker_;
  std::optional<Slate> made_;

  // The slate in the stream, and whether it is a picture of old.
  std::optional<Slate> shown_;
  bool old_ = false;
  // When frame 0 was due.
  SteadyTime began_{};
  std::int64_t next_frame_ = 0;
  std::int64_t next_sound_ = 0;
  boost::asio::steady_timer timer_;
};

}  // namespace livestream
