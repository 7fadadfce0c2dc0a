#pragma once

#include <memory>
#include <optional>
#include <string>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/command_facts.h"
#include "source/ffmpeg_command.h"
#include "source/source_run.h"
#include "source/source_spec.h"
#include "source/stream_writer.h"

namespace livestream {

// Opens one source: keeps what its runs have shown of it, makes ffmpeg's command of that, and
// starts the next run with it. The facts outlive the runs, and a stop. Ingest thread.
class SourceOpener {
 public:
  // Borrows everything that comes by reference.
  SourceOpener(boost::asio::io_context& ingest, const Clock& clock, FfmpegStarter ffmpeg,
               StreamWriter& writer, const SourceSettings& settings,
               const EncodingSettings& encoding, SourceSpec source);

  [[nodiscard]] const SourceSpec& source() const { return source_; }
  [[nodiscard]] CommandFacts& facts() { return facts_; }
  // By what is known now.
  [[nodiscard]] FfmpegCommand command() const;
  // Whether the run's command is still one for what is known now.
  [[nodiscard]] bool suits(const SourceRun& run) const;

  // Finds out what a growing file holds; false while it is not there or too short to tell. Always
  // true for other sources.
  [[nodiscard]] Result<bool> is_ready();
  // Fails with one line when ffmpeg cannot be started.
  [[nodiscard]] Result<std::unique_ptr<SourceRun>> open(SourceRun::Owner& owner);

  // True if what ffmpeg tells of its input is news.
  [[nodiscard]] bool learn_from_input(const InputFacts& input);
  // True if the errors of a run that has ended lead to another command that is worth a try at once.
  [[nodiscard]] bool learn_from_end(const SourceRun& run);
  // The run was given up; `had_pictures`: it was open.
  void learn_from_silence(const SourceRun& run, bool had_pictures);
  // A good run has ended, and the source is opened anew: forgets what may have been a passing
  // fault, as sound that could not be decoded, or stamps that did not keep time. The next run may
  // show it again.
  void forget_faults();
  // A picture has come, or the source is started anew.
  void reset_patience() { given_up_ = 0; }

  // How long the next run may go without a picture: each that is given up before its first one
  // makes the next one twice as patient.
  [[nodiscard]] Patience patience() const;

  // Whether the source is played to its end and then again. An HTTP source without a length shows
  // to be a file by how fast it comes.
  [[nodiscard]] bool is_file(const SourceRun& run) const;
  // Whether the whole source is one picture without sound.
  [[nodiscard]] bool is_still_picture(const SourceRun& run) const;
  // Whether the source's file is there and another one than the one opened last.
  [[nodiscard]] bool file_has_changed() const;

 private:
  [[nodiscard]] std::string guarded_host() const;

  boost::asio::io_context& loop_;
  const Clock& clock_;
  const FfmpegStarter ffmpeg_;
  StreamWriter& writer_;
  const SourceSettings& settings_;
  const EncodingSettings& encoding_;
  const SourceSpec source_;
  CommandFacts facts_;
  // Runs in a row that were given up before their first picture.
  int given_up_ = 0;
  std::optional<struct stat> opened_file_;
};

}  // namespace livestream
