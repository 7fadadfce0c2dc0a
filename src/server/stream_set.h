#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config/stream_settings.h"
#include "server/ingest_threads.h"
#include "source/ffmpeg_info.h"
#include "source/source_spec.h"
#include "source/stream_feed.h"
#include "stream/stream_registry.h"
#include "stream/viewer_registry.h"

namespace livestream {

// The streams of the server and what feeds them, brought up to each new list of settings by their
// differences: a stream whose source and encoding stay the same notices nothing. Main thread.
class StreamSet {
 public:
  // Borrows everything that comes by reference. `listeners` makes what is told of a stream's news:
  // as many as there are workers.
  struct Parts {
    IngestThreads& ingest;
    StreamRegistry& registry;
    ViewerRegistry& viewers;
    const Clock& clock;
    Log log;
    std::function<std::vector<std::unique_ptr<StreamListener>>(const Stream&)> listeners;
  };
  // Built in: streams that lists do not name, and that no list of settings removes.
  StreamSet(Parts parts, std::vector<StreamSettings> built_in);
  ~StreamSet();

  // Changes nothing and fails with one line when a source's form is wrong. The differences are
  // logged.
  [[nodiscard]] Result<void> apply(const std::vector<StreamSettings>& streams);
  // Opens a stream's source anew; false when there is no such stream.
  bool restart(const std::string& name);
  // The facts about the ffmpeg of this path, for the streams that use it.
  void set_ffmpeg(const std::string& path, const FfmpegInfo& info);
  // Ends all feeds; after that, the ingest threads have nothing left to do.
  void stop();

 private:
  struct Fed {
    StreamSettings settings;
    IngestThreads::Loop loop;
    std::shared_ptr<StreamFeed> feed;
    // Those that the stream wakes.
    std::vector<std::unique_ptr<StreamListener>> listeners;
  };

  void add(const StreamSettings& settings, const SourceSpec& source);
  void change(Fed& fed, const StreamSettings& settings, const SourceSpec& source);
  void remove(Fed fed);
  void publish();

  const Parts parts_;
  const std::vector<StreamSettings> built_in_;
  std::vector<StreamSettings> settings_;
  std::map<std::string, Fed> fed_;
  std::map<std::string, FfmpegInfo> ffmpegs_;
};

}  // namespace livestream
