#include "source/source_run.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "base/memory.h"

namespace livestream {

Result<std::unique_ptr<SourceRun>> SourceRun::start(boost::asio::io_context& loop,
                                                    const Clock& clock,
                                                    const FfmpegStarter& starter,
                                                    StreamWriter& writer, Plan plan, Owner& owner) {
  auto run = std::make_unique<SourceRun>(loop, clock, writer, std::move(plan), owner);
  const Plan& kept = run->plan_;
  ChildProcess::Options child = kept.child;
  if (const auto guarded = run->guard(loop, child); !guarded) return fail(guarded.error().message);
  auto process = starter(kept.command, child, *run);
  if (!process) return fail(process.error().message);
  run->process_ = std::move(*process);
  if (kept.output.relays_shapes) run->follow_shapes(loop, starter);
  if (const auto fed = run->feed(loop, starter); !fed) return fail(fed.error().message);
  return run;
}

Result<void> SourceRun::feed(boost::asio::io_context& loop, const FfmpegStarter& starter) {
  if (!plan_.growing_file.empty()) {
    feeder_ =
        GrowingFileFeeder::start(loop, clock_, plan_.growing_file, process_->take_input(), [this] {
          file_was_replaced_ = true;
          end("the file was written anew");
        });
  }
  if (plan_.carrier.empty()) return {};
  auto carrier = SourceCarrier::start(
      loop, starter, plan_.carrier, plan_.child.memory_mb, process_->take_input(),
      [this](const StderrLine& line) { owner_.on_log(*this, line); });
  if (!carrier) return fail(carrier.error().message);
  carrier_ = std::move(*carrier);
  return {};
}

SourceRun::SourceRun(boost::asio::io_context& loop, const Clock& clock, StreamWriter& writer,
                     Plan plan, Owner& owner)
    : pictures(plan.patience, clock.now()),
      clock_(clock),
      plan_(std::move(plan)),
      owner_(owner),
      started_at_(clock.now()),
      output_(std::make_shared<RunOutput>(
          loop, clock, writer, plan_.output,
          [this](bool held) {
            if (process_) process_->hold(held);
            if (shapes_) shapes_->hold(held);
          },
          [this] {
            played_out_ = true;
            owner_.on_played_out(*this);
          })) {}

// ffmpeg takes the proxy from its environment in every version, for each of its requests, whatever
// asked for it; in its arguments the password would be public. A `no_proxy` would be a way around.
Result<void> SourceRun::guard(boost::asio::io_context& loop, ChildProcess::Options& child) {
  if (plan_.guarded_host.empty()) return {};
  auto started = AddressGuard::start(loop, plan_.guarded_host, [this](std::string refused) {
    owner_.on_log(*this, {.level = LogLevel::kWarn, .has_level = true, .text = std::move(refused)});
  });
  if (!started) return fail(started.error().message);
  guard_ = std::move(*started);
  child.environment = {"http_proxy=" + guard_->proxy_url(), "no_proxy"};
  // `httpproxy://` in a playlist would be a way around, too.
  child.connects_only_to = guard_->port();
  return {};
}

SourceRun::~SourceRun() {
  drop_output();
  if (feeder_) feeder_->stop();
  if (!process_) return;
  process_->forget_listener();
  process_->kill();
}

void SourceRun::follow_shapes(boost::asio::io_context& loop, const FfmpegStarter& starter) {
  const auto hold = [this](bool held) {
    if (process_) process_->hold_pictures(held);
  };
  const auto fail = [this](std::string reason) { on_shapes_failed(std::move(reason)); };
  shapes_ = std::make_unique<ShapeFollower>(loop, starter, *output_, plan_.shapes,
                                            ShapeFollower::Events{.hold = hold, .fail = fail});
}

void SourceRun::play() {
  playing_ = true;
  output_->play();
}

void SourceRun::end(std::string reason) {
  if (!process_ || !end_reason_.empty()) return;
  end_reason_ = std::move(reason);
  process_->kill();
}

void SourceRun::replace(bool politely) {
  replaced_ = true;
  drop_output();
  if (!process_) return;
  if (!politely) return process_->kill();
  process_->stop();
  if (carrier_) carrier_->stop();
}

void SourceRun::stop() {
  drop_output();
  if (feeder_) feeder_->stop();
  if (carrier_) carrier_->stop();
  if (process_) process_->stop();
}

void SourceRun::on_input(const InputFacts& facts) {
  knows_input_ = true;
  pictures.on_input();
  owner_.on_input(*this, facts);
}

void SourceRun::on_output(ByteView bytes) {
  has_output_ = true;
  refuse_unless(output_->write_picture(bytes));
}

void SourceRun::drop_output() {
  output_->close();
  if (shapes_) shapes_->close();
}

void SourceRun::on_pictures(ByteView bytes) {
  if (shapes_ && !refused_) shapes_->read(bytes);
}

void SourceRun::on_sound(ByteView bytes) { refuse_unless(output_->write_sound(bytes)); }

void SourceRun::on_copied_sound(ByteView bytes) {
  refuse_unless(output_->write_copied_sound(bytes));
}

void SourceRun::refuse_unless(const Result<void>& written) {
  if (written || refused_) return;
  refused_ = true;
  drop_output();
  end(written.error().message);
}

// A source that has been read to its end is played out as far as it goes.
void SourceRun::on_shapes_failed(std::string reason) {
  if (process_) return refuse_unless(fail(std::move(reason)));
  owner_.on_log(*this, {.level = LogLevel::kWarn, .has_level = true, .text = std::move(reason)});
  output_->end();
}

// Pictures whose stamps stand still do not come out of the encoder's constant rate: ffmpeg counts
// them as dropped, and those that it repeats as duplicated.
void SourceRun::on_progress(const Progress& progress) {
  media_time_ = progress.media_time;
  if (const auto newest_ms = output_->newest_picture_ms()) {
    const auto outputs = static_cast<std::uint64_t>(plan_.summed_outputs);
    stamps.observe(
        std::chrono::milliseconds(*newest_ms),
        progress.frames + progress.dropped_frames / outputs - progress.duplicated_frames / outputs,
        clock_.now());
  }
}

void SourceRun::on_ended(const ExitStatus& status) {
  exit_ = status;
  errors_ = errors_so_far();
  source_failed_ = carrier_ && carrier_->has_failed();
  carrier_.reset();
  went_on_without_output_ = process_->went_on_without_output();
  process_.reset();
  if (feeder_) std::exchange(feeder_, nullptr)->stop();
  const auto open_for =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - started_at_);
  output_->on_sent_for(guard_ ? guard_->receiving_time() : open_for);
  owner_.on_ended(*this);
  if (!shapes_) return output_->end();
  shapes_->end([this] { output_->end(); });
}

const std::deque<std::string>& SourceRun::errors_so_far() const {
  if (carrier_ && !carrier_->errors().empty()) return carrier_->errors();
  return process_ ? process_->errors() : errors_;
}

// ffmpeg takes the guard's refusal, which is told by the guard, for an error of the source's
// server, and the end of a source that has failed for an error of its own.
void SourceRun::on_log(const StderrLine& line) {
  const bool is_refusal = line.text.find("HTTP error 502") != std::string::npos ||
                          line.text.find("Server returned 5XX") != std::string::npos;
  StderrLine told = line;
  if (is_refusal && guard_ && !guard_->trouble().empty()) told.level = LogLevel::kDebug;
  if (carrier_ && carrier_->has_failed()) told.level = LogLevel::kDebug;
  owner_.on_log(*this, told);
}

std::string SourceRun::silence_for(std::chrono::milliseconds time) const {
  const std::string reason = explain_silence(errors_so_far());
  return fmt::format("nothing came from the source for {} s{}{}",
                     std::chrono::duration_cast<std::chrono::seconds>(time).count(),
                     reason.empty() ? "" : ": ", reason);
}

bool SourceRun::ended_well() const {
  return exit_ && exit_->code == 0 && exit_->signal == 0 && end_reason_.empty() && !refused_ &&
         !went_on_without_output_ && !source_failed_;
}

std::string SourceRun::end_reason() const {
  if (!end_reason_.empty()) return end_reason_;
  if (went_on_without_output_) return "ffmpeg closed its output without ending";
  // ffmpeg knows only that its proxy said no.
  if (guard_ && !guard_->trouble().empty()) return explain({guard_->trouble()});
  if (std::string reason = explain(errors_, pictures_read() > 0); !reason.empty()) return reason;
  if (!exit_) return {};
  if (exit_->code != 0 || exit_->signal != 0)
    return fmt::format("ffmpeg ended ({})", exit_->describe());
  return pictures_read() == 0 ? "the source ended before anything came" : "";
}

void retire(boost::asio::io_context& loop, std::unique_ptr<SourceRun>& run) {
  if (!run) return;
  boost::asio::post(loop, [gone = std::shared_ptr<SourceRun>(std::move(run))]() mutable {
    gone.reset();
    // The memory that the run held would lie in pieces after months of runs.
    release_free_memory();
  });
}

}  // namespace livestream
