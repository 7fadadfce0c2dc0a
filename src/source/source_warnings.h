#pragma once

#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "source/source_health.h"
#include "source/source_run.h"
#include "source/stream_writer.h"

namespace livestream {

// Tells of faults that do not stop the stream: sound that is missing or was moved, a machine that
// is too slow. Each is a line in the log when it begins and ends; until then it is a `warning` or a
// note in /stats. Ingest thread.
class SourceWarnings {
 public:
  // Borrows everything that comes by reference. `stream` is the stream's name.
  SourceWarnings(SourceHealth& health, StreamWriter& writer, const Clock& clock, Log log,
                 std::string stream);

  // Another run has the stream.
  void begin_run() { sound_is_missing_ = false; }
  // Call a few times a second. `run` has the stream; null before the first one.
  void tick(SourceRun* run);

 private:
  void watch_sound(const SourceRun* run);
  void note_silence(bool silent);
  void judge_pace(SourceRun& run);
  void update(const SourceRun* run);

  SourceHealth& health_;
  StreamWriter& writer_;
  const Clock& clock_;
  const Log log_;
  const std::string stream_;
  bool sound_is_missing_ = false;
};

}  // namespace livestream
