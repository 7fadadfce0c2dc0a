#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/back_off.h"
#include "source/ffmpeg_command.h"
#include "source/fragment_producer.h"
#include "source/slate_producer.h"
#include "source/source_health.h"
#include "source/source_run.h"
#include "source/source_spec.h"
#include "source/standing_picture.h"
#include "source/stream_writer.h"
#include "stream/demand.h"
#include "stream/stream.h"

namespace livestream {

// Keeps a pulled source open: decides which command ffmpeg gets, when a run is replaced by one with
// a better command, when it has failed, and when the next one starts. A file is played again and
// again: its next pass is opened when the last one has been read, and takes the stream over when
// the last one has been played. Media does not pass through here. Started again after a stop, it
// keeps the stream's timeline and what it has learnt of the source. Ingest thread.
class Supervisor final : public FragmentProducer,
                         private SourceRun::Owner,
                         private StreamWriter::Listener {
 public:
  struct Parts {
    boost::asio::io_context& ingest;
    Stream& stream;
    // Counts who watches the stream: a source that is watched is opened again sooner.
    const Demand& demand;
    const Clock& clock;
    Log log;
    FfmpegStarter ffmpeg;
    // From 0 to 1, for the jitter of waits.
    std::function<double()> chance;
  };

  Supervisor(Parts parts, const SourceSettings& settings, const EncodingSettings& encoding,
             SourceSpec source);
  ~Supervisor() override;

  void start() override;
  void stop(std::function<void()> done) override;
  // The facts of the ffmpeg that is there, for the next command. Until then a current one is
  // assumed.
  void set_ffmpeg(FfmpegInfo ffmpeg) { facts_.ffmpeg = std::move(ffmpeg); }

  // All that depends on time; called four times a second by a timer of its own.
  void tick();

 private:
  void on_log(SourceRun& run, const StderrLine& line) override;
  void on_input(SourceRun& run, const InputFacts& facts) override;
  void on_ended(SourceRun& run) override;
  void on_played_out(SourceRun& run) override;
  void on_picture() override;
  void on_standing_ends(std::chrono::milliseconds time) override { standing_.fill_until(time); }

  void attempt();
  [[nodiscard]] Result<bool> growing_file_ready();
  [[nodiscard]] Result<std::unique_ptr<SourceRun>> start_run();
  void play(std::unique_ptr<SourceRun> run);
  [[nodiscard]] bool was_asked_lately(const SourceRun& run) const;
  void open_next_pass();
  void on_pass_ended(SourceRun& run);
  void on_next_pass_failed(const std::string& reason);
  void play_next_pass();
  void look_at_still_picture();
  void correct_command(SourceRun& run);
  void on_corrected(SourceRun& run);
  [[nodiscard]] bool learn_from(const SourceRun& run);
  // By what is known now.
  [[nodiscard]] FfmpegCommand next_command() const;
  void retry_after(std::chrono::milliseconds wait, std::string reason);
  [[nodiscard]] std::chrono::milliseconds wait_after(const SourceRun& run);
  void retire(std::unique_ptr<SourceRun>& run);
  void finish_stop_if_ended();

  void schedule_tick();
  void watch_picture();
  void report_slow_start();
  void give_up();
  void watch_sound();
  void note_silence(bool silent);
  void judge_pace();
  void update_warning();
  void watch_stamps();
  [[nodiscard]] std::string silence_for(std::chrono::milliseconds time) const;
  [[nodiscard]] Patience patience() const;
  [[nodiscard]] bool is_file(const SourceRun& run) const;
  [[nodiscard]] bool is_still_picture(const SourceRun& run) const;
  [[nodiscard]] SteadyTime last_picture() const;

  boost::asio::io_context& loop_;
  Stream& stream_;
  const Demand& demand_;
  const Clock& clock_;
  const Log log_;
  const FfmpegStarter ffmpeg_;
  const SourceSettings& settings_;
  const EncodingSettings& encoding_;
  const SourceSpec source_;

  CommandFacts facts_;
  BackOff back_off_;
  StreamWriter writer_;
  SourceHealth health_;
  SlateProducer slate_;
  StandingPicture standing_;
  LineThrottle lines_;
  boost::asio::steady_timer tick_timer_;

  // The run that has the stream, and the next pass of a file, which waits for it to be played.
  std::unique_ptr<SourceRun> current_;
  std::unique_ptr<SourceRun> next_;
  std::optional<SteadyTime> attempt_at_;
  std::function<void()> stopped_;
  bool stopping_ = false;
  // A run has failed: the starts that follow are restarts. A corrected start is the same run to the
  // user.
  bool failed_before_ = false;
  // In a row, without a picture.
  int corrections_ = 0;
  // Runs in a row that were given up before their first picture.
  int given_up_ = 0;
  // When the first picture of the current run came.
  std::optional<SteadyTime> pictures_since_;
  // Why there is no next pass.
  std::string next_failure_;
  // A still picture is opened again only when its file has changed, a snapshot at its time.
  std::optional<struct stat> opened_file_;
  std::optional<SteadyTime> next_pass_at_;
  // In a row.
  int failed_polls_ = 0;
  int complaints_ = 0;
  bool reported_silence_ = false;
  bool sound_was_missing_ = false;
  SteadyTime began_{};
};

}  // namespace livestream
