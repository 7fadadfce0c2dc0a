#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/back_off.h"
#include "source/ffmpeg_command.h"
#include "source/ffmpeg_run.h"
#include "source/fragment_producer.h"
#include "source/growing_file_feeder.h"
#include "source/pace_watch.h"
#include "source/slate_producer.h"
#include "source/source_spec.h"
#include "source/stream_writer.h"
#include "stream/source_status.h"
#include "stream/stream.h"

namespace livestream {

// Keeps one ffmpeg running for one stream: starts it with what is known of the source, corrects the
// command when ffmpeg finds the source to be otherwise, restarts it when it ends (at once after a
// run that gave something, else with back-off), kills it when it stalls, and says in the stream and
// its status how things stand. A source that is away is no error: it is tried for ever. Started
// again after a stop, it begins afresh but for the stream's timeline and what it has learnt of the
// source. Ingest thread.
class Supervisor final : public FragmentProducer, private FfmpegRun::Listener {
 public:
  // Borrows everything that comes by reference. `ffmpeg` may be empty: see FfmpegInfo.
  Supervisor(boost::asio::io_context& ingest, const SourceSettings& settings,
             const EncodingSettings& encoding, SourceSpec source, FfmpegInfo ffmpeg, Stream& stream,
             const Clock& clock, Log log);
  ~Supervisor() override;

  void start() override;
  void stop(std::function<void()> done) override;

 private:
  void on_log(const StderrLine& line) override;
  void on_input(const InputFacts& facts) override;
  void on_output(ByteView bytes) override;
  void on_sound(ByteView bytes) override;
  void on_progress(const Progress& progress) override;
  void on_ended(const ExitStatus& status) override;

  void attempt();
  [[nodiscard]] Result<bool> growing_file_ready();
  void launch();
  void end_run(std::string reason);
  void take(ByteView bytes, Result<void> (StreamWriter::*write)(ByteView));
  [[nodiscard]] bool learn_from(const std::deque<std::string>& errors);
  void correct_command();
  void retry_after(std::chrono::milliseconds wait, std::string error);
  void tick();
  void schedule_tick();
  void watch_picture();
  void watch_sound();
  [[nodiscard]] std::string silence_for(std::chrono::seconds time) const;
  void note(std::string trouble);
  void judge_pace();
  void update_warning();
  void measure();
  void watch_flood();
  void set_state(SourceState state);
  void publish_status();
  void write_state_message();
  void finish_stop();

  boost::asio::io_context& loop_;
  const SourceSettings& settings_;
  const EncodingSettings& encoding_;
  const SourceSpec source_;
  Stream& stream_;
  const Clock& clock_;
  const Log log_;

  CommandFacts facts_;
  BackOff back_off_;
  StreamWriter writer_;
  SlateProducer slate_;
  SourceStatus status_;
  boost::asio::steady_timer tick_timer_;
  boost::asio::steady_timer retry_timer_;
  std::function<void()> stopped_;
  bool stopping_ = false;
  bool started_before_ = false;  // a run has ended; a corrected start is the same run to the user
  int corrections_ = 0;          // in a row, without anything produced
  RateMeter frames_{std::chrono::seconds(3)};
  RateMeter bytes_{std::chrono::seconds(3)};
  std::optional<SteadyTime> last_message_;
  SteadyTime began_{};
  std::string said_;        // the trouble that the log was told of last
  SteadyTime said_at_{};    // and when
  bool ran_since_ = false;  // and whether pictures came after that

  // Of the current run.
  std::shared_ptr<FfmpegRun> run_;
  std::shared_ptr<GrowingFileFeeder> feeder_;
  std::vector<std::string> command_;
  std::string end_reason_;   // why we ended it, else empty
  bool correcting_ = false;  // it is being replaced by one with a better command
  bool refused_ = false;     // its output is of no use
  bool knows_its_input_ = false;
  int complaints_ = 0;  // of the decoder, about packets
  bool has_output_ = false;
  bool noted_silence_ = false;
  bool sound_was_missing_ = false;
  SteadyTime watched_from_{};  // when it was started, or last had nothing to read
  PaceWatch pace_;
  std::optional<std::chrono::microseconds> media_time_;
  int lines_logged_ = 0;  // in this run's current ten seconds
  int lines_hidden_ = 0;
  SteadyTime log_window_{};
};

}  // namespace livestream
