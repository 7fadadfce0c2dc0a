#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "source/source_opener.h"
#include "source/source_run.h"

namespace livestream {

// Plays a file again and again, each pass in a run of its own: the next pass is opened when the
// process of the one before has read all, and takes the stream over when all of it has been played.
// If the file has been replaced by then, it is opened once more. A still picture stands until its
// file has changed. An HTTP source is asked for once a second at most. Ingest thread.
class FilePasses {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    [[nodiscard]] virtual Result<std::unique_ptr<SourceRun>> open_pass() = 0;
    // The stream is this pass's from now on.
    virtual void play_pass(std::unique_ptr<SourceRun> pass) = 0;
    // The source has no next pass: it is away, and why.
    virtual void on_no_pass(const std::string& reason) = 0;
  };

  // Borrows everything.
  FilePasses(boost::asio::io_context& ingest, const Clock& clock, const SourceOpener& opener,
             Owner& owner)
      : loop_(ingest), clock_(clock), opener_(opener), owner_(owner) {}

  // The run that waits for its turn; null while there is none.
  [[nodiscard]] SourceRun* next() const { return next_.get(); }
  // The next pass is opened when its time has come.
  [[nodiscard]] bool is_due_later() const { return due_.has_value(); }

  // The source is opened from its beginning: there is no next pass yet.
  void forget();
  // Opens the next pass with another command.
  void open_again();

  // The process of `played`, which has the stream, has read its file to the end.
  void on_read(const SourceRun& played);
  // All of `played` is in the stream.
  void on_played_out(const SourceRun& played);
  // The next pass has failed; `played_out`: the one before is over.
  void on_failed(const std::string& reason, bool played_out);
  void on_picture() { failed_polls_ = 0; }
  // Call a few times a second. `played` has the stream.
  void tick(const SourceRun& played);

 private:
  [[nodiscard]] bool is_http() const { return opener_.source().kind == SourceKind::kHttp; }
  void open_after(const SourceRun& run);
  void open();
  void play();

  boost::asio::io_context& loop_;
  const Clock& clock_;
  const SourceOpener& opener_;
  Owner& owner_;
  std::unique_ptr<SourceRun> next_;
  // Why there is no next pass.
  std::string failure_;
  std::optional<SteadyTime> due_;
  // In a row.
  int failed_polls_ = 0;
};

}  // namespace livestream
