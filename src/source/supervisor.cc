#include "source/supervisor.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/mask.h"
#include "base/memory.h"
#include "source/address_policy.h"
#include "source/growing_file.h"
#include "source/run_lessons.h"
#include "source/shape_relay.h"

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
// The analysis of a source whose picture's size comes late, with the GOP before it.
constexpr milliseconds kLateSize = 75s;
constexpr auto kFileMissingPoll = 250ms;
// A snapshot address, or one of a clip that is shorter than this, is asked this often.
constexpr auto kSnapshotPoll = 1s;
// So many answers in a row without a picture, and the snapshot address counts as away.
constexpr int kMostFailedPolls = 5;
constexpr int kMostCorrections = 4;
// Complaints of a decoder in one run: more than a start in mid-stream brings.
constexpr int kComplaints = 10;
// An attempt that is given up before its first picture makes the next one twice as patient, up to
// this many times.
constexpr int kMostPatient = 3;

constexpr const char* kNoSound =
    "the source announces sound, but none has come that ffmpeg can decode: silence is sent";
constexpr const char* kSoundMissing =
    "the source's sound has stopped: silence is played until it comes back";
constexpr const char* kTooSlow =
    "this machine cannot encode the source in real time: lower VIDEO_QUALITY, VIDEO_RESOLUTION or "
    "VIDEO_FPS, use a faster VIDEO_PRESET, or a hardware encoder (VIDEO_CODEC)";

// The first attempt asks for sound without knowing of any, and the next one does not.
bool tells_of_no_track(std::string_view line) {
  return line.find("' matches no streams") != std::string_view::npos;
}

std::optional<FrameRate> rate_of_encoder(const EncodingSettings& encoding) {
  if (encoding.video_codec == "copy") return std::nullopt;
  return encoding.video_fps;
}

std::optional<struct stat> file_state(const std::string& path) {
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0) return std::nullopt;
  return state;
}

bool same_file(const struct stat& one, const struct stat& other) {
  return one.st_ino == other.st_ino && one.st_size == other.st_size &&
         one.st_mtime == other.st_mtime;
}

// Where a proxy is set for the whole network, that one decides.
std::string guarded_host(const SourceSettings& settings, const SourceSpec& source) {
  const bool guarded = source.kind == SourceKind::kHttp &&
                       settings.source_addresses == SourceAddresses::kSafe &&
                       !environment_has_proxy();
  return guarded ? host_of_url(source.location) : "";
}

}  // namespace

Supervisor::Supervisor(Parts parts, const SourceSettings& settings,
                       const EncodingSettings& encoding, SourceSpec source)
    : loop_(parts.ingest),
      stream_(parts.stream),
      demand_(parts.demand),
      clock_(parts.clock),
      log_(std::move(parts.log)),
      ffmpeg_(std::move(parts.ffmpeg)),
      settings_(settings),
      encoding_(encoding),
      source_(std::move(source)),
      back_off_(std::move(parts.chance)),
      writer_(stream_, clock_, rate_of_encoder(encoding)),
      health_(stream_, writer_, clock_, log_, to_string(source_.kind),
              mask_credentials(source_.location)),
      slate_(loop_, settings, encoding, stream_, writer_, clock_, log_),
      standing_(loop_, settings, encoding, stream_, writer_, log_),
      tick_timer_(loop_) {
  writer_.set_listener(this);
}

Supervisor::~Supervisor() = default;

void Supervisor::start() {
  const SourceStatus& status = health_.status();
  log_.info("source", {{"stream", stream_.name()}, {"kind", status.kind}, {"url", status.url}});
  began_ = clock_.now();
  stopping_ = false;
  failed_before_ = false;
  corrections_ = 0;
  given_up_ = 0;
  back_off_.reset();
  health_.begin();
  attempt();
  schedule_tick();
}

void Supervisor::stop(std::function<void()> done) {
  stopped_ = std::move(done);
  stopping_ = true;
  attempt_at_.reset();
  tick_timer_.cancel();
  slate_.stop();
  standing_.end();
  for (const auto* run : {&current_, &next_}) {
    if (*run) (*run)->stop();
  }
  boost::asio::post(loop_, [this] { finish_stop_if_ended(); });
}

void Supervisor::finish_stop_if_ended() {
  if (!stopping_ || !stopped_) return;
  if ((current_ && current_->alive()) || (next_ && next_->alive())) return;
  retire(current_);
  retire(next_);
  health_.status().ffmpeg_pid = 0;
  health_.set_state(SourceState::kStopped);
  std::exchange(stopped_, nullptr)();
}

// A run may not be destroyed while one of its calls is under way.
void Supervisor::retire(std::unique_ptr<SourceRun>& run) {
  if (!run) return;
  boost::asio::post(loop_, [gone = std::shared_ptr<SourceRun>(std::move(run))]() mutable {
    gone.reset();
    // The memory that the run held would lie in pieces after months of runs.
    release_free_memory();
  });
}

void Supervisor::attempt() {
  attempt_at_.reset();
  health_.status().retry_at.reset();
  if (source_.kind == SourceKind::kGrowingFile) {
    const Result<bool> ready = growing_file_ready();
    if (!ready) {
      return retry_after(back_off_.after_run(0ms, demand_.any()), ready.error().message);
    }
    if (!*ready) {
      return retry_after(kFileMissingPoll,
                         fmt::format("waiting for {} to be written", source_.location));
    }
  }
  auto run = start_run();
  if (!run) return retry_after(back_off_.after_run(0ms, demand_.any()), run.error().message);
  retire(next_);
  next_pass_at_.reset();
  if (failed_before_) health_.count_restart();
  play(std::move(*run));
  health_.set_state(SourceState::kStarting);
}

// Finds out what the file holds; false while it is not there or too short to tell.
Result<bool> Supervisor::growing_file_ready() {
  const Result<std::optional<GrowingContainer>> container = inspect_growing_file(source_.location);
  if (!container) return fail(container.error().message);
  if (!*container) return false;
  facts_.container = **container;
  return true;
}

Result<std::unique_ptr<SourceRun>> Supervisor::start_run() {
  const bool feeds = source_.kind == SourceKind::kGrowingFile;
  FfmpegCommand command = next_command();
  const bool sums = command.relays_shapes && facts_.ffmpeg.older_than(6, 1);
  SourceRun::Plan plan{.command = std::move(command.arguments),
                       .output = {.copies = command.copies_video,
                                  .sound_apart = command.sound_apart,
                                  .relays_shapes = command.relays_shapes,
                                  .pace = command.pace},
                       .child = {.pipes_input = feeds, .memory_mb = settings_.ffmpeg_memory_mb},
                       .patience = patience(),
                       .summed_outputs = sums ? 2 : 1,
                       .shapes = {.command =
                                      [this](const RelayedPicture& shape, std::int64_t start_ms) {
                                        return shape_command(settings_, encoding_, facts_.ffmpeg,
                                                             shape, start_ms);
                                      },
                                  .rate = encoding_.video_fps,
                                  .memory_mb = settings_.ffmpeg_memory_mb},
                       .guarded_host = guarded_host(settings_, source_),
                       .growing_file = feeds ? source_.location : ""};
  auto run = SourceRun::start(loop_, clock_, ffmpeg_, writer_, std::move(plan), *this);
  if (!run) return run;
  next_failure_.clear();
  if (source_.kind == SourceKind::kFile) opened_file_ = file_state(source_.location);
  health_.status().ffmpeg_pid = (*run)->pid();
  log_.debug("ffmpeg started",
             {{"stream", stream_.name()},
              {"pid", (*run)->pid()},
              {"command", mask_credentials(fmt::format("{}", fmt::join((*run)->command(), " ")))}});
  complaints_ = 0;
  return run;
}

void Supervisor::play(std::unique_ptr<SourceRun> run) {
  retire(current_);
  current_ = std::move(run);
  pictures_since_.reset();
  reported_silence_ = false;
  sound_was_missing_ = false;
  writer_.begin_run();
  current_->pictures.pardon(clock_.now());
  current_->play();
}

void Supervisor::on_log(SourceRun& run, const StderrLine& line) {
  if (complains_of_packets(line.text) && ++complaints_ == kComplaints) {
    facts_.learnt.whole_pictures = false;
    correct_command(run);
  }
  if (const int hidden = lines_.begin_window_if_due(clock_.now()); hidden > 0) {
    log_.warn("ffmpeg said more than is shown", {{"stream", stream_.name()}, {"lines", hidden}});
  }
  const LogLevel level = tells_of_no_track(line.text) ? LogLevel::kDebug : line.level;
  if (level != LogLevel::kDebug && !lines_.allow()) return;
  log_.write(level, mask_credentials("ffmpeg: " + line.text), {{"stream", stream_.name()}});
}

void Supervisor::on_input(SourceRun& run, const InputFacts& facts) {
  if (source_.kind == SourceKind::kDemo || source_.kind == SourceKind::kDevice) return;
  if (!learn_from_input(facts, facts_)) return;
  const FfmpegCommand command = next_command();
  health_.status().notes = command.tracks.notes;
  if (command.copies_video && command.tracks.picture->stream.codec != "h264") {
    return run.end(
        fmt::format("VIDEO_CODEC=copy cannot be used with this source: its video is {}, not H.264; "
                    "use VIDEO_CODEC=libx264",
                    command.tracks.picture->stream.codec));
  }
  if (command.tracks.picture || command.tracks.sound) correct_command(run);
}

// Replaces the run when what is known now asks for another command.
void Supervisor::correct_command(SourceRun& run) {
  const bool fits = next_command().arguments == run.command();
  if (fits || stopping_ || corrections_ >= kMostCorrections) return;
  ++corrections_;
  log_.debug("the source needs another command", {{"stream", stream_.name()}});
  run.replace(waits_for_sender(source_));
}

// A run that was replaced is gone: its place is taken by one with the better command.
void Supervisor::on_corrected(SourceRun& run) {
  const bool was_current = &run == current_.get();
  if (was_current) return attempt();
  retire(next_);
  open_next_pass();
}

void Supervisor::on_picture() {
  const SteadyTime now = clock_.now();
  current_->pictures.on_picture(now);
  if (!pictures_since_) pictures_since_ = now;
  corrections_ = 0;
  given_up_ = 0;
  failed_polls_ = 0;
  slate_.stop();
  standing_.end();
  if (health_.state() != SourceState::kRunning) health_.set_state(SourceState::kRunning);
}

void Supervisor::on_ended(SourceRun& run) {
  if (stopping_) return finish_stop_if_ended();
  SourceStatus& status = health_.status();
  status.ffmpeg_pid = 0;
  if (run.is_replaced()) return on_corrected(run);
  const bool gave_pictures = run.pictures_read() > 0 && !run.is_refused();
  if (run.ended_well() && gave_pictures && is_file(run)) return on_pass_ended(run);
  status.speed = 0;
  status.warning.clear();
  if (learn_from(run) && corrections_++ < kMostCorrections) return on_corrected(run);

  failed_before_ = true;
  const std::string reason = run.end_reason();
  if (&run == next_.get()) return on_next_pass_failed(reason);
  retry_after(wait_after(run), reason);
}

// The pass that is being played goes on to its end first, and a still picture stands on.
void Supervisor::on_next_pass_failed(const std::string& reason) {
  next_failure_ = reason;
  retire(next_);
  if (!current_ || !current_->is_played_out()) return;
  if (source_.kind == SourceKind::kHttp && ++failed_polls_ >= kMostFailedPolls)
    return retry_after(back_off_.after_run(0ms, demand_.any()), reason);
  if (source_.kind == SourceKind::kHttp) next_pass_at_ = clock_.now() + kSnapshotPoll;
}

// A source that is played to its end and then again. An HTTP source without a length shows to be a
// file by how fast it comes.
bool Supervisor::is_file(const SourceRun& run) const {
  if (source_.kind == SourceKind::kFile) return true;
  return source_.kind == SourceKind::kHttp &&
         (facts_.input.duration || (!next_command().segmented && run.paces()));
}

// The process has read its file to the end; some of it has yet to be played.
void Supervisor::on_pass_ended(SourceRun& run) {
  if (&run == current_.get() && !is_still_picture(run) && !was_asked_lately(run)) open_next_pass();
}

bool Supervisor::is_still_picture(const SourceRun& run) const {
  return run.pictures_read() == 1 && !next_command().tracks.sound;
}

// A server whose answer is shorter than this is not asked again at once, but at a civil pace.
bool Supervisor::was_asked_lately(const SourceRun& run) const {
  return source_.kind == SourceKind::kHttp && clock_.now() - run.started_at() < kSnapshotPoll;
}

void Supervisor::open_next_pass() {
  auto run = start_run();
  if (run) {
    next_ = std::move(*run);
  } else {
    next_failure_ = run.error().message;
  }
}

void Supervisor::on_played_out(SourceRun& run) {
  if (stopping_ || attempt_at_ || &run != current_.get()) return;
  const bool is_still = is_still_picture(run);
  const bool is_polled = source_.kind == SourceKind::kHttp && (is_still || next_failure_.empty());
  if (!next_ && (is_still || is_polled)) {
    if (is_polled) next_pass_at_ = run.started_at() + kSnapshotPoll;
    return;
  }
  if (!next_) return retry_after(back_off_.after_run(0ms, demand_.any()), next_failure_);
  play_next_pass();
}

void Supervisor::play_next_pass() {
  std::unique_ptr<SourceRun> run = std::move(next_);
  // A short file has been read whole before its turn.
  if (!run->alive() && !is_still_picture(*run) && !was_asked_lately(*run)) open_next_pass();
  standing_.fill_until(writer_.standing_time() + StreamWriter::kStandingDelay);
  play(std::move(run));
}

// A still picture stands until there is another one: it is opened again when its file has changed,
// a snapshot after its interval.
void Supervisor::look_at_still_picture() {
  if (attempt_at_ || !current_ || !current_->is_played_out()) return;
  const SteadyTime now = clock_.now();
  if (next_) {
    if (next_->pictures_read() > 0) return play_next_pass();
    if (now - next_->started_at() > patience().first_packet)
      next_->end(silence_for(patience().first_packet));
    return;
  }
  const auto state = opened_file_ ? file_state(source_.location) : std::nullopt;
  const bool changed = state && !same_file(*state, *opened_file_);
  const bool due = next_pass_at_ && now >= *next_pass_at_;
  if (!changed && !due) return;
  next_pass_at_.reset();
  open_next_pass();
}

// True if the run's errors lead to another command that is worth a try at once.
bool Supervisor::learn_from(const SourceRun& run) {
  const RunYield yield = {.picture = run.pictures_read() > 0 && !run.is_refused(),
                          .sound = writer_.last_sound() > run.started_at()};
  return learn_from_errors(run.errors(), yield, next_command().tracks, settings_, facts_);
}

FfmpegCommand Supervisor::next_command() const {
  return ffmpeg_command(settings_, encoding_, source_, facts_);
}

milliseconds Supervisor::wait_after(const SourceRun& run) {
  if (run.file_was_replaced()) return 0ms;
  const auto open_for = duration_cast<milliseconds>(clock_.now() - run.started_at());
  // A receiver whose sender has left is not failing: it listens again, but not many times a second.
  // A receiver that ends at once cannot listen.
  if (waits_for_sender(source_) && (run.knows_input() || open_for >= kBetweenSenders)) {
    back_off_.reset();
    return std::max(0ms, kBetweenSenders - open_for);
  }
  const milliseconds lasted =
      pictures_since_ ? duration_cast<milliseconds>(clock_.now() - *pictures_since_) : 0ms;
  return back_off_.after_run(run.is_refused() ? 0ms : lasted, demand_.any());
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
  look_at_still_picture();
  watch_picture();
  watch_sound();
  judge_pace();
  watch_stamps();
  health_.status().dropped_samples = writer_.dropped_samples();
  health_.tick(last_picture());
}

SteadyTime Supervisor::last_picture() const {
  return std::max(began_, writer_.last_picture().value_or(began_));
}

Patience Supervisor::patience() const {
  Patience patience;
  if (settings_.source_timeout)
    patience.first_packet = patience.first_picture = patience.stall = patience.sound_alone =
        *settings_.source_timeout;
  if (facts_.learnt.size_comes_late)
    patience.first_packet = std::max(patience.first_packet, kLateSize);
  const int times = 1 << std::min(given_up_, kMostPatient);
  patience.first_packet *= times;
  patience.first_picture *= times;
  patience.stall *= times;
  patience.unlimited = source_.kind == SourceKind::kFile;
  if (waits_for_sender(source_)) patience.first_packet = milliseconds::max();
  return patience;
}

// Everything that shows its trouble by giving no picture, whether ffmpeg hangs or its source does.
void Supervisor::watch_picture() {
  const SteadyTime now = clock_.now();
  const auto away = [&] { return duration_cast<milliseconds>(now - last_picture()); };
  if (!current_ || current_->is_replaced() || attempt_at_)
    return slate_.source_away(away(), facts_.ffmpeg);
  // A recording that pauses is not a stall: a restart would show it from its beginning again.
  const bool pauses = current_->starved();
  const PictureWatch::Verdict verdict = current_->pictures.verdict(now, writer_.last_sound());
  if (pauses) current_->pictures.pardon(now);
  const bool stands = verdict == PictureWatch::Verdict::kStill ||
                      (pictures_since_ && current_->stands() && !next_pass_at_);
  if (stands && !pauses) return standing_.show(facts_.ffmpeg);
  slate_.source_away(away(), facts_.ffmpeg);
  const bool starves = verdict >= PictureWatch::Verdict::kSilent || pauses;
  if (health_.state() == SourceState::kRunning && starves && away() >= PictureWatch::kStarved) {
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
  if (waits_for_sender(source_) && !current_->knows_input()) {
    health_.report_wait(fmt::format("waiting for a sender to {}", health_.status().url));
    return health_.set_state(SourceState::kWaiting);
  }
  health_.report_trouble(silence_for(kSlowStart));
  health_.write_state_message();
}

void Supervisor::give_up() {
  // The source may send what ffmpeg cannot use without a parser.
  if (!current_->knows_input()) facts_.learnt.whole_pictures = !facts_.learnt.whole_pictures;
  if (!pictures_since_) ++given_up_;
  const auto limit = current_->pictures.limit(clock_.now(), writer_.last_sound());
  current_->end(silence_for(limit.value_or(0ms)));
}

std::string Supervisor::silence_for(milliseconds time) const {
  const auto sound = writer_.last_sound();
  const auto seconds = duration_cast<std::chrono::seconds>(time).count();
  if (pictures_since_ && sound && *sound > last_picture() + 1s)
    return fmt::format("the source's picture has stopped for {} s, its sound goes on", seconds);
  const std::string reason = current_ ? current_->reason_of_silence() : std::string();
  return fmt::format("nothing came from the source for {} s{}{}", seconds,
                     reason.empty() ? "" : ": ", reason);
}

void Supervisor::watch_sound() {
  if (const auto moved = writer_.take_correction()) {
    log_.warn("the times of the source's sound and picture differ: the sound was moved",
              {{"stream", stream_.name()}, {"moved_ms", moved->count()}});
  }
  const bool alive = current_ && current_->alive();
  const bool silent = alive && writer_.sound_is_missing();
  // Sound that never came has not stopped.
  note_silence(silent && !writer_.last_sound());
  const bool missing = silent && writer_.last_sound();
  if (missing == std::exchange(sound_was_missing_, missing)) return;
  if (missing) {
    log_.warn(kSoundMissing, {{"stream", stream_.name()}});
  } else if (alive) {
    log_.info("the source's sound is back", {{"stream", stream_.name()}});
  }
  update_warning();
}

void Supervisor::note_silence(bool silent) {
  std::vector<std::string>& notes = health_.status().notes;
  const auto noted = std::find(notes.begin(), notes.end(), kNoSound);
  if (silent && noted == notes.end()) notes.emplace_back(kNoSound);
  if (!silent && noted != notes.end()) notes.erase(noted);
}

void Supervisor::judge_pace() {
  if (!current_ || !current_->media_time()) return;
  PaceWatch& pace = current_->pace;
  const bool was_slow = pace.too_slow();
  const auto cpu = current_->alive() ? cpu_time_of(current_->pid()) : std::chrono::milliseconds(0);
  pace.observe(*current_->media_time(), cpu, clock_.now());
  // Too early to tell in this run; a short file's passes would each begin at zero.
  if (pace.speed() > 0) health_.status().speed = pace.speed();
  if (pace.too_slow() == was_slow) return;
  update_warning();
  if (pace.too_slow()) {
    log_.warn(kTooSlow,
              {{"stream", stream_.name()}, {"speed", fmt::format("{:.2f}", pace.speed())}});
  } else {
    log_.info("the machine keeps up with the source again", {{"stream", stream_.name()}});
  }
}

void Supervisor::update_warning() {
  const bool too_slow = current_ && current_->pace.too_slow();
  health_.status().warning = too_slow ? kTooSlow : sound_was_missing_ ? kSoundMissing : "";
}

// A live source must advance one second per second; segments come in bursts by their nature.
void Supervisor::watch_stamps() {
  if (!current_ || !current_->alive() || current_->is_replaced()) return;
  if (current_->has_leapt())
    return current_->end("the source's times have jumped forward: it is opened anew");
  if (current_->paces()) return;
  const bool live = source_.kind == SourceKind::kNetwork || source_.kind == SourceKind::kHttp;
  if (!live || next_command().segmented) return;
  using Verdict = ClockWatch::Verdict;
  const Verdict verdict = current_->stamps.verdict();
  const bool loses_time = verdict == Verdict::kFrozen || verdict == Verdict::kSlow;
  if (verdict != Verdict::kFast && (!loses_time || current_->pace.too_slow())) return;
  if (!next_command().stamps_by_arrival) {
    facts_.learnt.stamps_lose_time = true;
    log_.warn("the source's time stamps do not keep time: its media is stamped when it arrives",
              {{"stream", stream_.name()}});
    correct_command(*current_);
  } else if (verdict == Verdict::kFast) {
    current_->end("the source sends faster than real time: it is opened again");
  }
}

}  // namespace livestream
