#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/back_off.h"
#include "source/file_passes.h"
#include "source/fragment_producer.h"
#include "source/last_picture.h"
#include "source/slate_producer.h"
#include "source/source_health.h"
#include "source/source_opener.h"
#include "source/source_run.h"
#include "source/source_spec.h"
#include "source/source_warnings.h"
#include "source/standing_picture.h"
#include "source/stream_writer.h"
#include "stream/demand.h"
#include "stream/stream.h"

namespace livestream {

// Keeps a pulled source open: decides when a run is replaced by one with a better command, when it
// has failed, and when the next one starts. Media does not pass through here. Started again after a
// stop, it keeps the stream's timeline and what it has learnt of the source. Ingest thread.
class Supervisor final : public FragmentProducer,
                         private SourceRun::Owner,
                         private FilePasses::Owner,
                         private StreamWriter::Listener {
 public:
  struct Parts {
    boost::asio::io_context& ingest;
    Stream& stream;
    // Of this stream; outlives the supervisor, and keeps the timeline for the next one.
    StreamWriter& writer;
    // Counts who watches the stream: a source that is watched is opened again sooner.
    const Demand& demand;
    const Clock& clock;
    Log log;
    FfmpegStarter ffmpeg;
    // From 0 to 1, for the jitter of waits.
    std::function<double()> chance;
    // The source is closed while it has no viewers.
    bool on_demand = false;
  };

  Supervisor(Parts parts, const SourceSettings& settings, const EncodingSettings& encoding,
             SourceSpec source);
  ~Supervisor() override;

  void start() override;
  void stop(std::function<void()> done) override;
  // The next start() shows viewers the source's last picture until there is a new one.
  void rest(std::function<void()> done) override;
  // The facts of the ffmpeg that is there, for the next command. Until then a current one is
  // assumed.
  void set_ffmpeg(FfmpegInfo ffmpeg) { opener_.facts().ffmpeg = std::move(ffmpeg); }

  // All that depends on time; called four times a second by a timer of its own.
  void tick();

 private:
  void on_log(SourceRun& run, const StderrLine& line) override;
  void on_input(SourceRun& run, const InputFacts& facts) override;
  void on_ended(SourceRun& run) override;
  void on_played_out(SourceRun& run) override;
  void on_picture() override;
  void on_standing_ends(std::chrono::milliseconds time) override { standing_.fill_until(time); }

  [[nodiscard]] Result<std::unique_ptr<SourceRun>> open_pass() override;
  void play_pass(std::unique_ptr<SourceRun> pass) override;
  void on_no_pass(const std::string& reason) override;

  void attempt();
  void play(std::unique_ptr<SourceRun> run);
  void correct_command(SourceRun& run);
  void on_corrected(SourceRun& run);
  void retry_after(std::chrono::milliseconds wait, std::string reason);
  [[nodiscard]] std::chrono::milliseconds wait_after(const SourceRun& run);
  [[nodiscard]] std::chrono::milliseconds wait_after_failure();
  // How long ago the current run had its first picture; zero before that.
  [[nodiscard]] std::chrono::milliseconds pictures_for() const;
  void finish_stop_if_ended();
  void learn_frame_rate();

  void schedule_tick();
  void watch_picture();
  void show_slate();
  void show_last_picture();
  void report_slow_start();
  void give_up();
  void watch_stamps();
  [[nodiscard]] std::string silence_for(std::chrono::milliseconds time) const;
  [[nodiscard]] SteadyTime last_picture() const;
  [[nodiscard]] std::chrono::milliseconds away_for() const;

  boost::asio::io_context& loop_;
  Stream& stream_;
  const Demand& demand_;
  const Clock& clock_;
  const Log log_;

  BackOff back_off_;
  StreamWriter& writer_;
  SourceOpener opener_;
  SourceHealth health_;
  SourceWarnings warnings_;
  FilePasses passes_;
  SlateProducer slate_;
  StandingPicture standing_;
  LastPicture last_picture_;
  // Whether the last picture means anything to those who come later.
  const bool keeps_picture_;
  boost::asio::steady_timer tick_timer_;

  // The run that has the stream.
  std::unique_ptr<SourceRun> current_;
  std::optional<SteadyTime> attempt_at_;
  std::function<void()> stopped_;
  bool stopping_ = false;
  // A run has failed: the starts that follow are restarts. A corrected start is the same run to the
  // user.
  bool failed_before_ = false;
  // In a row, without a picture.
  int corrections_ = 0;
  // When the first picture of the current run came.
  std::optional<SteadyTime> pictures_since_;
  // Of a decoder about packets, in this run.
  int complaints_ = 0;
  bool reported_silence_ = false;
  SteadyTime began_{};
};

}  // namespace livestream
