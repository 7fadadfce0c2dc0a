#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "source/address_guard.h"
#include "source/clock_watch.h"
#include "source/ffmpeg_run.h"
#include "source/growing_file_feeder.h"
#include "source/pace_watch.h"
#include "source/picture_watch.h"
#include "source/run_output.h"
#include "source/shape_follower.h"
#include "source/source_carrier.h"

namespace livestream {

// One opening of a source: an ffmpeg with its command, the way of its output, what it said and how
// it ended. A value of the Supervisor's, replaced whole by the next one. Ingest thread.
class SourceRun final : private FfmpegProcess::Listener {
 public:
  // Called from the loop. The run may be destroyed only after the call has returned.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_log(SourceRun& run, const StderrLine& line) = 0;
    // The input as ffmpeg describes it; again when the first picture shows more.
    virtual void on_input(SourceRun& run, const InputFacts& facts) = 0;
    // The process is gone. Paced output may still wait.
    virtual void on_ended(SourceRun& run) = 0;
    // The process is gone and all that it gave is in the stream.
    virtual void on_played_out(SourceRun& run) = 0;
  };
  struct Plan {
    std::vector<std::string> command;
    RunOutput::Options output;
    ChildProcess::Options child;
    Patience patience;
    // ffmpeg before 6.1 adds the pictures that all its outputs repeat and leave out.
    int summed_outputs = 1;
    // Used if the output relays shapes.
    ShapeFollower::Plan shapes;
    // The host of an HTTP source that may lead ffmpeg only where AddressPolicy allows; empty: any.
    std::string guarded_host;
    // The file that is fed to the child's standard input as it grows; empty: nothing is fed.
    std::string growing_file;
    // The command whose output is fed to the child's standard input; empty: nothing is fed.
    std::vector<std::string> carrier;
  };

  // Borrows everything that comes by reference. Fails with one line when ffmpeg cannot be started.
  [[nodiscard]] static Result<std::unique_ptr<SourceRun>> start(boost::asio::io_context& loop,
                                                                const Clock& clock,
                                                                const FfmpegStarter& starter,
                                                                StreamWriter& writer, Plan plan,
                                                                Owner& owner);
  SourceRun(boost::asio::io_context& loop, const Clock& clock, StreamWriter& writer, Plan plan,
            Owner& owner);
  ~SourceRun() override;

  // The stream is this run's from now on. Once.
  void play();
  [[nodiscard]] bool playing() const { return playing_; }

  // Kills the process; `reason` is told as the reason of its end. The first reason counts.
  void end(std::string reason);
  // Ends the process because another command takes its place: what it gives is dropped. Killed,
  // or `politely` by SIGTERM, so that a sender learns at once that its connection has ended.
  void replace(bool politely);
  // See RunOutput.
  void copy_sound(const SoundCopy& copy) { output_->copy_sound(copy); }
  [[nodiscard]] bool refuses_sound() const { return output_->refuses_sound(); }
  // SIGTERM, and SIGKILL after a grace: what it gives is dropped.
  void stop();

  [[nodiscard]] const std::vector<std::string>& command() const { return plan_.command; }
  [[nodiscard]] bool alive() const { return process_ != nullptr; }
  [[nodiscard]] int pid() const { return process_ ? process_->pid() : 0; }
  [[nodiscard]] bool knows_input() const { return knows_input_; }
  [[nodiscard]] bool is_replaced() const { return replaced_; }
  // The process is gone and all that it gave is in the stream.
  [[nodiscard]] bool is_played_out() const { return played_out_; }
  // Its output cannot be used: the reason is that of its end.
  [[nodiscard]] bool is_refused() const { return refused_; }
  // Words for users about a source that has given nothing for `time`, with the reason if it is
  // known.
  [[nodiscard]] std::string silence_for(std::chrono::milliseconds time) const;
  [[nodiscard]] std::uint64_t pictures_read() const { return output_->pictures_read(); }
  [[nodiscard]] bool paces() const { return output_->paces(); }
  [[nodiscard]] bool stands() const { return output_->stands(); }
  [[nodiscard]] bool has_leapt() const { return output_->has_leapt(); }
  [[nodiscard]] SteadyTime started_at() const { return started_at_; }
  // How far the run has got in its media: as ffmpeg tells, or what has been passed on of a run that
  // is paced. Nothing before the first output.
  [[nodiscard]] std::optional<std::chrono::microseconds> media_time() const {
    if (paces()) return output_->passed_on();
    return has_output_ ? media_time_ : std::nullopt;
  }
  // A file that is followed as it grows has given all that it holds.
  [[nodiscard]] bool starved() const { return feeder_ && feeder_->starved_since().has_value(); }

  // The growing file was truncated, replaced or removed and written anew.
  [[nodiscard]] bool file_was_replaced() const { return file_was_replaced_; }

  // After the end: whether the source came to its own end, and else why, in words for users.
  [[nodiscard]] bool ended_well() const;
  [[nodiscard]] std::string end_reason() const;
  [[nodiscard]] const std::deque<std::string>& errors() const { return errors_; }

  // They watch over the run; the Supervisor asks them.
  PictureWatch pictures;
  PaceWatch pace;
  ClockWatch stamps;

 private:
  void on_log(const StderrLine& line) override;
  void on_input(const InputFacts& facts) override;
  void on_output(ByteView bytes) override;
  void on_sound(ByteView bytes) override;
  void on_pictures(ByteView bytes) override;
  void on_copied_sound(ByteView bytes) override;
  void on_progress(const Progress& progress) override;
  void on_ended(const ExitStatus& status) override;
  [[nodiscard]] Result<void> guard(boost::asio::io_context& loop, ChildProcess::Options& child);
  [[nodiscard]] Result<void> feed(boost::asio::io_context& loop, const FfmpegStarter& starter);
  // The carrier's, if it has any: the process's are a consequence of them.
  [[nodiscard]] const std::deque<std::string>& errors_so_far() const;
  void follow_shapes(boost::asio::io_context& loop, const FfmpegStarter& starter);
  void drop_output();
  void refuse_unless(const Result<void>& written);
  void on_shapes_failed(std::string reason);

  const Clock& clock_;
  const Plan plan_;
  Owner& owner_;
  const SteadyTime started_at_;
  std::shared_ptr<RunOutput> output_;
  std::unique_ptr<ShapeFollower> shapes_;
  std::unique_ptr<AddressGuard> guard_;
  std::shared_ptr<FfmpegProcess> process_;
  std::shared_ptr<GrowingFileFeeder> feeder_;
  std::unique_ptr<SourceCarrier> carrier_;
  std::string end_reason_;
  bool playing_ = false;
  bool played_out_ = false;
  bool replaced_ = false;
  bool refused_ = false;
  // The carrier said so.
  bool source_failed_ = false;
  bool file_was_replaced_ = false;
  bool knows_input_ = false;
  bool has_output_ = false;
  std::optional<std::chrono::microseconds> media_time_;
  // Of the process that has ended.
  std::optional<ExitStatus> exit_;
  std::deque<std::string> errors_;
  bool went_on_without_output_ = false;
};

// Destroys the run, if there is one, after the call of it that may be under way.
void retire(boost::asio::io_context& loop, std::unique_ptr<SourceRun>& run);

}  // namespace livestream
