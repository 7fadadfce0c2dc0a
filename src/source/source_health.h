#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/repeats.h"
#include "source/line_throttle.h"
#include "source/rate_meter.h"
#include "source/stderr_reader.h"
#include "source/stream_writer.h"
#include "stream/source_status.h"
#include "stream/stream.h"

namespace livestream {

// The reports about one source: its status in /stats, the state messages in the stream, and the
// lines about it in the log. The same for every way in which a stream is fed. Ingest thread.
class SourceHealth {
 public:
  // Borrows stream, writer and clock. `kind` and `url` as in SourceStatus, the latter masked.
  SourceHealth(Stream& stream, StreamWriter& writer, const Clock& clock, Log log, std::string kind,
               std::string url);

  [[nodiscard]] SourceStatus& status() { return status_; }
  [[nodiscard]] SourceState state() const { return status_.state; }

  // The source is opened from now on: rates are measured, and faults of an earlier time do not
  // count.
  void begin();
  // Tells viewers, /stats and, where it changes, the time of the change.
  void set_state(SourceState state);
  // A line of ffmpeg's, masked and at its level, the same text once a minute; what it floods the
  // log with is counted.
  void relay(const StderrLine& line);
  // A fault of a source that is open: logged as an end is, and told as the last error.
  void report_trouble(std::string trouble);
  // A source that is not there yet, although nothing has failed: told where an error would be.
  void report_wait(std::string words);
  // The source has ended and is opened again after `wait`. An empty `reason` means that it simply
  // ended. Logs each reason at most once a minute, with the number of times.
  void report_end(std::string reason, std::chrono::milliseconds wait);
  // A restart of the source after the first start.
  void count_restart() { ++status_.restarts; }
  // Viewers see a picture of old, which the source gave at this time; absent: they do not.
  void set_old_picture(std::optional<WallTime> taken) { old_picture_ = taken; }

  // Call a few times a second: measures, publishes, and repeats the state message once a second
  // while no picture comes. `last_picture`: when the stream last had a picture of the source's.
  void tick(SteadyTime last_picture);
  void publish();
  void write_state_message();

 private:
  Stream& stream_;
  StreamWriter& writer_;
  const Clock& clock_;
  const Log log_;
  SourceStatus status_;
  RateMeter frames_{std::chrono::seconds(3)};
  RateMeter bytes_{std::chrono::seconds(3)};
  std::optional<SteadyTime> last_message_;
  std::optional<WallTime> old_picture_;
  LineThrottle lines_;
  Repeats logged_;
};

}  // namespace livestream
