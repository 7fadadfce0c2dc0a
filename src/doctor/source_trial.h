#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "config/stream_settings.h"
#include "source/ffmpeg_info.h"
#include "source/source_opener.h"
#include "source/source_run.h"
#include "source/stream_writer.h"
#include "stream/stream.h"

namespace livestream {

// The findings of one trial of a source.
struct TrialFindings {
  // The source as ffmpeg describes it, and what of it is played.
  InputFacts input;
  TrackChoice tracks;
  bool copies_video = false;
  // It gave pictures, or sound where it has no picture.
  bool plays = false;
  // Why it does not play, in the server's words; empty if it does.
  std::string trouble;
  // It is not a fault yet: no sender has come, the file is not written yet, or a keyframe may be
  // due.
  bool waits = false;
  // The picture that is sent, such as avc1.42C01F.
  std::string codec;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  // The longest GOP sent. If `gop_goes_on`, it is one that had not ended when the trial did.
  std::uint64_t gop_frames = 0;
  bool gop_goes_on = false;
  // Pictures sent per second of their own time; 0: not known.
  double fps = 0;
  // Cores that ffmpeg takes; nothing where it is not known.
  std::optional<double> cost;
  // Seconds of the stream that are made in a second, where that tells something.
  std::optional<double> speed;
};

// Opens one source as the server does, with the server's own command and rules, watches what comes
// for a moment, and stops it. Belongs to the thread of its loop.
class SourceTrial final : private SourceRun::Owner, private StreamWriter::Listener {
 public:
  struct Parts {
    boost::asio::io_context& loop;
    const Clock& clock;
    FfmpegStarter ffmpeg;
    // Nothing: a current one is assumed.
    FfmpegInfo info;
  };
  struct Limits {
    // The end, pictures or not.
    std::chrono::milliseconds total;
    // From the first picture on.
    std::chrono::milliseconds watch;
  };
  using Done = std::function<void(TrialFindings)>;

  SourceTrial(Parts parts, StreamSettings settings, SourceSpec source, Limits limits);
  ~SourceTrial() override;

  // `done` is called once, from the loop, when the source has been left.
  void start(Done done);

 private:
  void attempt();
  void correct_command(SourceRun& run);
  void on_log(SourceRun& run, const StderrLine& line) override;
  void on_input(SourceRun& run, const InputFacts& facts) override;
  void on_ended(SourceRun& run) override;
  void on_played_out(SourceRun& run) override;
  void on_picture() override;
  void on_standing_ends(std::chrono::milliseconds) override {}
  void measure();
  void describe_output(const FfmpegCommand& command);
  void on_time();
  void conclude(std::string trouble);
  void finish();
  [[nodiscard]] double rate_of_arrival() const;
  [[nodiscard]] std::string silence() const;

  const Parts parts_;
  const StreamSettings settings_;
  const Limits limits_;
  Stream stream_;
  StreamWriter writer_;
  SourceOpener opener_;
  boost::asio::steady_timer timer_;
  Done done_;
  std::unique_ptr<SourceRun> current_;
  TrialFindings findings_;
  SteadyTime began_{};
  bool concluded_ = false;
  int corrections_ = 0;
  int complaints_ = 0;

  // Of the current run.
  std::optional<SteadyTime> first_picture_;
  std::uint64_t pictures_shown_ = 0;
  std::uint64_t gop_ = 0;
  struct Sample {
    std::uint64_t pictures = 0;
    std::chrono::milliseconds cpu{0};
  };
  std::optional<Sample> first_sample_;
  std::optional<Sample> last_sample_;
};

}  // namespace livestream
