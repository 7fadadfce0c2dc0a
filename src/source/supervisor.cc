#include "source/supervisor.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/mask.h"
#include "source/encoder_arguments.h"
#include "source/run_lessons.h"

namespace livestream {
namespace {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr auto kTick = 250ms;
// A camera may take long to start: tell viewers after this long without a picture.
constexpr auto kSlowStart = 5s;
// A receiver opens its port at most this often for the next sender.
constexpr milliseconds kBetweenSenders = 1s;
constexpr auto kFileMissingPoll = 250ms;
constexpr auto kKnownStand = 50ms;
// A source's rate and the one that is measured over a few seconds differ by this share at most.
constexpr double kSameRate = 0.1;

bool is_of_decoder(std::string_view line) {
  return line.starts_with("h264: ") || line.starts_with("hevc: ");
}

// A file begins anew with each opening, and the demo is there at once: an old picture would only
// deceive.
bool is_of_now(const SourceSpec& source) {
  return source.kind != SourceKind::kFile && source.kind != SourceKind::kDemo;
}

}  // namespace

Supervisor::Supervisor(Parts parts, const SourceSettings& settings,
                       const EncodingSettings& encoding, SourceSpec source)
    : loop_(parts.ingest),
      stream_(parts.stream),
      demand_(parts.demand),
      clock_(parts.clock),
      log_(std::move(parts.log)),
      back_off_(std::move(parts.chance)),
      writer_(parts.writer),
      opener_(loop_, clock_, std::move(parts.ffmpeg), writer_, settings, encoding,
              std::move(source)),
      health_(stream_, writer_, clock_, log_, to_string(opener_.source().kind),
              mask_credentials(opener_.source().location)),
      warnings_(health_, writer_, clock_, log_, stream_.name()),
      passes_(loop_, clock_, opener_, *this),
      slate_(loop_, settings, encoding, stream_, writer_, clock_, log_),
      standing_(loop_, settings, encoding, stream_, writer_, log_),
      last_picture_(loop_, settings, encoding, stream_, writer_, clock_, log_),
      keeps_picture_(parts.on_demand && settings.slate && is_of_now(opener_.source())),
      tick_timer_(loop_) {
  writer_.set_source(this, rate_of_encoder(encoding));
}

Supervisor::~Supervisor() { writer_.set_listener(nullptr); }

void Supervisor::start() {
  const SourceStatus& status = health_.status();
  log_.info("source", {{"stream", stream_.name()}, {"kind", status.kind}, {"url", status.url}});
  began_ = clock_.now();
  stopping_ = false;
  failed_before_ = false;
  corrections_ = 0;
  opener_.reset_patience();
  back_off_.reset();
  health_.begin();
  attempt();
  show_last_picture();
  schedule_tick();
}

void Supervisor::rest(std::function<void()> done) {
  if (keeps_picture_) last_picture_.keep(opener_.facts().ffmpeg);
  learn_frame_rate();
  stop(std::move(done));
}

void Supervisor::stop(std::function<void()> done) {
  stopped_ = std::move(done);
  stopping_ = true;
  attempt_at_.reset();
  tick_timer_.cancel();
  slate_.stop();
  standing_.end();
  health_.set_old_picture(std::nullopt);
  for (SourceRun* run : {current_.get(), passes_.next()}) {
    if (run) run->stop();
  }
  boost::asio::post(loop_, [this] { finish_stop_if_ended(); });
}

// The rate that a run has been told or has found, if its pictures came at that rate.
void Supervisor::learn_frame_rate() {
  double& learnt = opener_.facts().learnt.frame_rate;
  const auto picture = opener_.command().tracks.picture;
  const double told = learnt > 0 || !picture ? learnt : picture->stream.fps;
  const double measured = health_.status().fps;
  learnt = std::abs(measured - told) < kSameRate * told ? told : 0;
}

void Supervisor::finish_stop_if_ended() {
  if (!stopping_ || !stopped_) return;
  for (const SourceRun* run : {current_.get(), passes_.next()}) {
    if (run && run->alive()) return;
  }
  retire(loop_, current_);
  passes_.forget();
  health_.status().ffmpeg_pid = 0;
  health_.set_state(SourceState::kStopped);
  std::exchange(stopped_, nullptr)();
}

void Supervisor::attempt() {
  attempt_at_.reset();
  health_.status().retry_at.reset();
  const Result<bool> ready = opener_.is_ready();
  if (!ready) return retry_after(wait_after_failure(), ready.error().message);
  if (!*ready) {
    return retry_after(kFileMissingPoll,
                       fmt::format("waiting for {} to be written", opener_.source().location));
  }
  auto run = open_pass();
  if (!run) return retry_after(wait_after_failure(), run.error().message);
  passes_.forget();
  if (failed_before_) health_.count_restart();
  play(std::move(*run));
  health_.set_state(SourceState::kStarting);
}

Result<std::unique_ptr<SourceRun>> Supervisor::open_pass() {
  auto run = opener_.open(*this);
  if (!run) return run;
  health_.status().ffmpeg_pid = (*run)->pid();
  log_.debug("ffmpeg started",
             {{"stream", stream_.name()},
              {"pid", (*run)->pid()},
              {"command", mask_credentials(fmt::format("{}", fmt::join((*run)->command(), " ")))}});
  complaints_ = 0;
  return run;
}

void Supervisor::play(std::unique_ptr<SourceRun> run) {
  retire(loop_, current_);
  current_ = std::move(run);
  pictures_since_.reset();
  reported_silence_ = false;
  warnings_.begin_run();
  const FfmpegCommand& command = opener_.command();
  writer_.begin_run(command.copies_video ? opener_.facts().learnt.frame_rate : 0);
  current_->pictures.pardon(clock_.now());
  current_->play();
}

void Supervisor::on_log(SourceRun& run, const StderrLine& line) {
  if (complains_of_packets(line.text) && ++complaints_ == kComplaints) {
    opener_.facts().learnt.whole_pictures = false;
    correct_command(run);
  }
  // A decoder that joins in the middle of a stream, or without the parser that it needs, complains.
  const bool begins = run.is_replaced() || run.pictures_read() == 0;
  StderrLine told = line;
  if (begins && is_of_decoder(line.text)) told.level = LogLevel::kDebug;
  health_.relay(told);
}

void Supervisor::on_input(SourceRun& run, const InputFacts& facts) {
  if (!opener_.learn_from_input(facts)) return;
  const FfmpegCommand command = opener_.command();
  health_.status().notes = command.tracks.notes;
  if (std::string refusal = refusal_of_copy(command); !refusal.empty())
    return run.end(std::move(refusal));
  if (command.sound_copy) run.copy_sound(*command.sound_copy);
  if (command.tracks.picture || command.tracks.sound) correct_command(run);
}

// Replaces the run when what is known now asks for another command.
void Supervisor::correct_command(SourceRun& run) {
  if (opener_.suits(run) || stopping_ || corrections_ >= kMostCorrections) return;
  ++corrections_;
  log_.debug("the source needs another command", {{"stream", stream_.name()}});
  run.replace(waits_for_sender(opener_.source()));
}

// A run that was replaced is gone: its place is taken by one with the better command.
void Supervisor::on_corrected(SourceRun& run) {
  if (&run == current_.get()) return attempt();
  passes_.open_again();
}

void Supervisor::on_picture() {
  const SteadyTime now = clock_.now();
  current_->pictures.on_picture(now);
  if (!pictures_since_) pictures_since_ = now;
  corrections_ = 0;
  opener_.reset_patience();
  passes_.on_picture();
  slate_.stop();
  standing_.end();
  health_.set_old_picture(std::nullopt);
  if (health_.state() != SourceState::kRunning) health_.set_state(SourceState::kRunning);
}

void Supervisor::on_ended(SourceRun& run) {
  if (stopping_) return finish_stop_if_ended();
  SourceStatus& status = health_.status();
  status.ffmpeg_pid = 0;
  if (run.is_replaced()) return on_corrected(run);
  const bool gave_pictures = run.pictures_read() > 0 && !run.is_refused();
  if (run.ended_well() && gave_pictures && opener_.is_file(run)) {
    if (&run == current_.get()) passes_.on_read(run);
    return;
  }
  status.speed = 0;
  status.warning.clear();
  if (opener_.learn_from_end(run) && corrections_++ < kMostCorrections) return on_corrected(run);

  failed_before_ = true;
  const std::string reason = run.end_reason();
  if (&run == passes_.next())
    return passes_.on_failed(reason, current_ && current_->is_played_out());
  if (pictures_for() >= BackOff::kGoodRun) opener_.forget_faults();
  retry_after(wait_after(run), reason);
}

milliseconds Supervisor::pictures_for() const {
  return pictures_since_ ? duration_cast<milliseconds>(clock_.now() - *pictures_since_) : 0ms;
}

void Supervisor::on_played_out(SourceRun& run) {
  if (stopping_ || attempt_at_ || &run != current_.get()) return;
  passes_.on_played_out(run);
}

void Supervisor::play_pass(std::unique_ptr<SourceRun> pass) {
  standing_.fill_until(writer_.standing_time());
  play(std::move(pass));
}

void Supervisor::on_no_pass(const std::string& reason) {
  retry_after(wait_after_failure(), reason);
}

milliseconds Supervisor::wait_after_failure() { return back_off_.after_run(0ms, demand_.any()); }

milliseconds Supervisor::wait_after(const SourceRun& run) {
  if (run.file_was_replaced()) return 0ms;
  const auto open_for = duration_cast<milliseconds>(clock_.now() - run.started_at());
  // A receiver whose sender has left is not failing: it listens again, but not many times a second.
  // A receiver that ends at once cannot listen.
  if (waits_for_sender(opener_.source()) && (run.knows_input() || open_for >= kBetweenSenders)) {
    back_off_.reset();
    return std::max(0ms, kBetweenSenders - open_for);
  }
  return back_off_.after_run(run.is_refused() ? 0ms : pictures_for(), demand_.any());
}

// Opens the source again after `wait`; an empty `reason` is a source that has simply ended.
void Supervisor::retry_after(milliseconds wait, std::string reason) {
  if (stopping_) return;
  health_.report_end(std::move(reason), wait);
  if (wait == 0ms) return attempt();
  attempt_at_ = clock_.now() + wait;
  health_.status().retry_at = attempt_at_;
  health_.set_state(SourceState::kWaiting);
}

void Supervisor::schedule_tick() {
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled || stopping_) return;
    tick();
    schedule_tick();
  });
}

void Supervisor::tick() {
  const SteadyTime now = clock_.now();
  if (attempt_at_ && now >= *attempt_at_) attempt();
  if (!attempt_at_ && current_) passes_.tick(*current_);
  show_last_picture();
  watch_picture();
  if (!slate_.shows_old()) health_.set_old_picture(std::nullopt);
  warnings_.tick(current_.get());
  watch_stamps();
  health_.tick(last_picture());
}

SteadyTime Supervisor::last_picture() const {
  return std::max(began_, writer_.last_picture().value_or(began_));
}

milliseconds Supervisor::away_for() const {
  return duration_cast<milliseconds>(clock_.now() - last_picture());
}

// Until the source has given a picture since its start.
void Supervisor::show_last_picture() {
  const bool wanted = keeps_picture_ && !stopping_ && !slate_.playing();
  if (!wanted || last_picture() > began_ || !last_picture_.picture()) return;
  slate_.show_old(*last_picture_.picture());
  health_.set_old_picture(last_picture_.taken());
  health_.write_state_message();
}

// The source is away.
void Supervisor::show_slate() {
  const milliseconds away = away_for();
  // A source that takes its time to open is not lost.
  const bool opens = health_.state() == SourceState::kStarting && !failed_before_;
  if (slate_.shows_old() && opens && !reported_silence_) return;
  if (keeps_picture_ && away >= SlateProducer::kMakeAfter)
    last_picture_.keep(opener_.facts().ffmpeg);
  slate_.source_away(away, opener_.facts().ffmpeg);
}

// Everything that shows its trouble by giving no picture, whether ffmpeg hangs or its source does.
void Supervisor::watch_picture() {
  const SteadyTime now = clock_.now();
  if (!current_ || current_->is_replaced() || attempt_at_) return show_slate();
  // A recording that pauses is not a stall: a restart would show it from its beginning again.
  const bool pauses = current_->starved();
  const PictureWatch::Verdict verdict = current_->pictures.verdict(now, writer_.last_sound());
  if (pauses) current_->pictures.pardon(now);
  const bool waits = current_->is_played_out() && passes_.is_due_later();
  const bool stands =
      verdict == PictureWatch::Verdict::kStill || (pictures_since_ && current_->stands() && !waits);
  // When the next picture of a file comes is known from reading ahead.
  const milliseconds trails = current_->stands() ? kKnownStand : StreamWriter::kStandingDelay;
  if (stands && !pauses) return standing_.show(opener_.facts().ffmpeg, trails);
  show_slate();
  const bool starves = verdict >= PictureWatch::Verdict::kSilent || pauses;
  if (health_.state() == SourceState::kRunning && starves && away_for() >= PictureWatch::kStarved) {
    health_.report_trouble(pauses ? fmt::format("{} has stopped growing", health_.status().url)
                                  : silence_for(PictureWatch::kStarved));
    health_.set_state(SourceState::kWaiting);
  }
  const milliseconds silent = current_->pictures.silent_for(now);
  if (!pictures_since_ && silent >= kSlowStart && !std::exchange(reported_silence_, true))
    report_slow_start();
  if (verdict == PictureWatch::Verdict::kStalled && !pauses) give_up();
}

void Supervisor::report_slow_start() {
  if (waits_for_sender(opener_.source()) && !current_->knows_input()) {
    health_.report_wait(fmt::format("waiting for a sender to {}", health_.status().url));
    return health_.set_state(SourceState::kWaiting);
  }
  health_.report_trouble(silence_for(kSlowStart));
  health_.write_state_message();
}

void Supervisor::give_up() {
  opener_.learn_from_silence(*current_, pictures_since_.has_value());
  const auto limit = current_->pictures.limit(clock_.now(), writer_.last_sound());
  current_->end(silence_for(limit.value_or(0ms)));
}

std::string Supervisor::silence_for(milliseconds time) const {
  const auto sound = writer_.last_sound();
  if (!pictures_since_ || !sound || *sound <= last_picture() + 1s)
    return current_->silence_for(time);
  return fmt::format("the source's picture has stopped for {} s, its sound goes on",
                     duration_cast<std::chrono::seconds>(time).count());
}

// A live source must advance one second per second; segments come in bursts by their nature.
void Supervisor::watch_stamps() {
  if (!current_ || !current_->alive() || current_->is_replaced()) return;
  if (current_->has_leapt())
    return current_->end("the source's times have jumped forward: it is opened anew");
  if (current_->paces()) return;
  const SourceKind kind = opener_.source().kind;
  const bool live = kind == SourceKind::kNetwork || kind == SourceKind::kHttp;
  if (!live || opener_.command().segmented) return;
  using Verdict = ClockWatch::Verdict;
  const Verdict verdict = current_->stamps.verdict();
  const bool loses_time = verdict == Verdict::kFrozen || verdict == Verdict::kSlow;
  if (verdict != Verdict::kFast && (!loses_time || current_->pace.too_slow())) return;
  if (!opener_.command().stamps_by_arrival) {
    opener_.facts().learnt.stamps_lose_time = true;
    log_.warn("the source's time stamps do not keep time: its media is stamped when it arrives",
              {{"stream", stream_.name()}});
    correct_command(*current_);
  } else if (verdict == Verdict::kFast) {
    current_->end("the source sends faster than real time: it is opened again");
  }
}

}  // namespace livestream
