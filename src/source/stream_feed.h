#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "config/stream_settings.h"
#include "source/ffmpeg_info.h"
#include "source/ffmpeg_run.h"
#include "source/fragment_producer.h"
#include "source/on_demand.h"
#include "source/source_spec.h"
#include "source/stream_writer.h"
#include "source/supervisor.h"
#include "stream/demand.h"
#include "stream/stream.h"

namespace livestream {

// Feeds one stream as its settings say, and takes other settings while it runs: the source is then
// opened anew, on the same timeline, and its viewers stay. Made and destroyed on any thread while
// nothing runs; all else on the ingest thread.
class StreamFeed : public std::enable_shared_from_this<StreamFeed> {
 public:
  // Borrows loop and clock.
  struct Parts {
    boost::asio::io_context& ingest;
    const Clock& clock;
    Log log;
    FfmpegStarter ffmpeg;
    // From 0 to 1, for the jitter of waits.
    std::function<double()> chance;
  };

  [[nodiscard]] static std::shared_ptr<StreamFeed> create(Parts parts,
                                                          std::shared_ptr<Stream> stream);

  [[nodiscard]] const std::shared_ptr<Stream>& stream() const { return stream_; }
  [[nodiscard]] const std::shared_ptr<Demand>& demand() const { return demand_; }
  // The thread on which all else is called.
  [[nodiscard]] boost::asio::io_context& ingest() const { return parts_.ingest; }

  // Feeds the stream by these settings from now on, instead of those before.
  void apply(StreamSettings settings, SourceSpec source);
  // Opens the source anew, as it is set.
  void restart();
  // The facts of the ffmpeg that is there. Until then a current one is assumed.
  void set_ffmpeg(const FfmpegInfo& ffmpeg);
  // Ends the feed and its stream; `done` is called once, from the loop, when all of it has stopped.
  void stop(std::function<void()> done);

 private:
  // A producer with the settings that it borrows.
  struct Running {
    StreamSettings settings;
    SourceSpec source;
    Supervisor* supervisor = nullptr;
    OnDemand* on_demand = nullptr;
    std::unique_ptr<FragmentProducer> producer;
  };
  struct Wanted {
    StreamSettings settings;
    SourceSpec source;
  };

  StreamFeed(Parts parts, std::shared_ptr<Stream> stream);
  void begin();
  void on_stopped();
  [[nodiscard]] std::unique_ptr<Supervisor> supervisor(const Running& running);

  const Parts parts_;
  const std::shared_ptr<Stream> stream_;
  std::shared_ptr<Demand> demand_;
  StreamWriter writer_;
  std::optional<FfmpegInfo> ffmpeg_;
  // The settings of the next producer.
  std::optional<Wanted> wanted_;
  std::unique_ptr<Running> running_;
  // The source that feeds the stream, or fed it last.
  std::optional<SourceSpec> source_;
  // running_ has been told to stop.
  bool ending_ = false;
  // Set by stop().
  std::function<void()> stopped_;
};

}  // namespace livestream
