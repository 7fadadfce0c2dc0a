#include "source/supervisor.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/mask.h"
#include "base/memory.h"
#include "source/growing_file.h"

namespace livestream {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 250ms;
// Without a picture: a camera may need long for its first one, but somebody is to know.
constexpr auto kSlowStart = 5s;
constexpr auto kStallBeforeFirstPicture = 15s;
// A source over the network of which not even the kind of its media has come; a playlist's first
// segments may take longer.
constexpr auto kStallBeforeFirstPacket = 8s;
constexpr auto kStall = 5s;
constexpr auto kSilence = 1s;  // without media: viewers are told the state, again after as long
constexpr auto kStarved = 2s;  // without media: the state is no longer `running`
// Times that leap forward make ffmpeg repeat a picture until they are reached, as fast as it can.
constexpr double kFlood = 4;   // times the frame rate asked for; more than any backlog gives
constexpr auto kSettled = 5s;  // a start may bring a backlog
constexpr auto kFileMissingPoll = 250ms;
constexpr int kMostCorrections = 4;
constexpr int kComplaints = 10;   // of a decoder in one run: more than a start in mid-stream brings
constexpr auto kSayAgain = 1min;  // the same trouble of a source that has run meanwhile
constexpr auto kLogWindow = 10s;
constexpr int kLinesPerWindow = 20;

constexpr const char* kSoundMissing =
    "the source's sound has stopped: silence is played until it comes back";
constexpr const char* kTooSlow =
    "this machine cannot encode the source in real time: lower VIDEO_QUALITY, VIDEO_RESOLUTION or "
    "VIDEO_FPS, use a "
    "faster VIDEO_PRESET, or a hardware encoder (VIDEO_CODEC)";

std::optional<FrameRate> rate_of_encoder(const EncodingSettings& encoding) {
  if (encoding.video_codec == "copy") return std::nullopt;
  return encoding.video_fps;
}

bool any_contains(const std::deque<std::string>& lines, std::string_view part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

bool is_playlist(const SourceSpec& source) {
  if (source.kind != SourceKind::kHttp) return false;
  const std::string path = source.location.substr(0, source.location.find_first_of("?#"));
  return path.ends_with(".m3u8");
}

}  // namespace

Supervisor::Supervisor(boost::asio::io_context& ingest, const SourceSettings& settings,
                       const EncodingSettings& encoding, SourceSpec source, FfmpegInfo ffmpeg,
                       Stream& stream, const Clock& clock, Log log)
    : loop_(ingest),
      settings_(settings),
      encoding_(encoding),
      source_(std::move(source)),
      stream_(stream),
      clock_(clock),
      log_(std::move(log)),
      writer_(stream, clock, rate_of_encoder(encoding)),
      slate_(ingest, settings, encoding, stream, writer_, log_),
      tick_timer_(ingest),
      retry_timer_(ingest) {
  facts_.ffmpeg = std::move(ffmpeg);
  facts_.input.segmented = is_playlist(source_);  // saves a correction
  status_.kind = to_string(source_.kind);
  status_.url = mask_credentials(source_.location);
  status_.since = clock_.wall_now();
}

Supervisor::~Supervisor() {
  if (feeder_) feeder_->stop();
  if (run_) {
    run_->forget_listener();
    run_->kill();
  }
}

void Supervisor::start() {
  log_.info("source", {{"stream", stream_.name()}, {"kind", status_.kind}, {"url", status_.url}});
  began_ = clock_.now();
  stopping_ = false;
  started_before_ = false;
  corrections_ = 0;
  back_off_ = BackOff();
  frames_.reset();
  bytes_.reset();
  publish_status();
  attempt();
  schedule_tick();
}

void Supervisor::stop(std::function<void()> done) {
  stopped_ = std::move(done);
  stopping_ = true;
  tick_timer_.cancel();
  retry_timer_.cancel();
  slate_.stop();
  if (feeder_) feeder_->stop();
  if (run_) return run_->stop();
  boost::asio::post(loop_, [this] { finish_stop(); });
}

void Supervisor::finish_stop() {
  set_state(SourceState::kStopped);
  if (const auto done = std::exchange(stopped_, nullptr)) done();
}

void Supervisor::attempt() {
  status_.retry_at.reset();
  if (source_.kind == SourceKind::kGrowingFile) {
    const Result<bool> ready = growing_file_ready();
    if (!ready) return retry_after(back_off_.after_run(false), ready.error().message);
    if (!*ready) {
      return retry_after(kFileMissingPoll,
                         fmt::format("waiting for {} to be written", source_.location));
    }
  }
  launch();
}

// Finds out what the file holds; false while it is not there or too short to tell.
Result<bool> Supervisor::growing_file_ready() {
  const Result<std::optional<GrowingContainer>> container = inspect_growing_file(source_.location);
  if (!container) return fail(container.error().message);
  if (!*container) return false;
  facts_.container = **container;
  return true;
}

void Supervisor::launch() {
  command_ = ffmpeg_command(settings_, encoding_, source_, facts_);
  end_reason_.clear();
  correcting_ = false;
  refused_ = false;
  knows_its_input_ = false;
  complaints_ = 0;
  has_output_ = false;
  noted_silence_ = false;
  sound_was_missing_ = false;
  watched_from_ = clock_.now();
  pace_ = PaceWatch();
  media_time_.reset();
  writer_.begin_run({.copies = copies_video(encoding_, source_, facts_.input),
                     .sound_apart = sound_apart(settings_, source_, facts_.input)});

  const bool feeds = source_.kind == SourceKind::kGrowingFile;
  const Result<std::string> program = find_program(settings_.ffmpeg);
  if (!program) return retry_after(back_off_.after_run(false), program.error().message);
  auto run =
      FfmpegRun::start(loop_, *program, command_,
                       {.pipes_input = feeds, .memory_mb = settings_.ffmpeg_memory_mb}, *this);
  if (!run) return retry_after(back_off_.after_run(false), run.error().message);
  run_ = std::move(*run);
  if (started_before_) ++status_.restarts;
  if (feeds) {
    feeder_ = GrowingFileFeeder::start(loop_, clock_, source_.location, run_->take_input(),
                                       [this] { end_run("the file was written anew"); });
  }
  status_.ffmpeg_pid = run_->pid();
  log_.debug("ffmpeg started",
             {{"stream", stream_.name()},
              {"pid", run_->pid()},
              {"command", mask_credentials(fmt::format("{}", fmt::join(command_, " ")))}});
  set_state(SourceState::kStarting);
}

void Supervisor::on_log(const StderrLine& line) {
  if (complains_of_packets(line.text) && ++complaints_ == kComplaints) {
    facts_.input.whole_pictures = false;
    correct_command();
  }
  const SteadyTime now = clock_.now();
  if (now - log_window_ >= kLogWindow) {
    if (lines_hidden_ > 0) {
      log_.warn("ffmpeg said more than is shown",
                {{"stream", stream_.name()}, {"lines", lines_hidden_}});
    }
    log_window_ = now;
    lines_logged_ = 0;
    lines_hidden_ = 0;
  }
  if (line.level != LogLevel::kDebug && ++lines_logged_ > kLinesPerWindow) {
    ++lines_hidden_;
    return;
  }
  log_.write(line.level, mask_credentials("ffmpeg: " + line.text), {{"stream", stream_.name()}});
}

void Supervisor::on_input(const InputFacts& facts) {
  knows_its_input_ = true;
  CommandFacts corrected = facts_;
  corrected.input = facts;
  corrected.input.loops = facts_.input.loops;
  corrected.input.draws_text = facts_.input.draws_text;
  corrected.input.whole_pictures = facts.whole_pictures && facts_.input.whole_pictures;
  // Without a parser only the first picture showed it, perhaps in an earlier run.
  corrected.input.interlaced =
      facts.interlaced || (corrected.input.whole_pictures && facts_.input.interlaced);
  if (source_.kind == SourceKind::kDemo || source_.kind == SourceKind::kDevice) return;
  facts_ = corrected;
  if (copies_video(encoding_, source_, facts_.input) && !facts.video_codec.empty() &&
      facts.video_codec != "h264") {
    refused_ = true;
    return end_run(
        fmt::format("VIDEO_CODEC=copy cannot be used with this source: its video is {}, not H.264; "
                    "use VIDEO_CODEC=libx264",
                    facts.video_codec));
  }
  if (!facts.has_video && !facts.has_audio) return;  // nothing that a better command could show
  correct_command();
}

// Starts ffmpeg anew when what is known now asks for another command.
void Supervisor::correct_command() {
  if (ffmpeg_command(settings_, encoding_, source_, facts_) == command_ || stopping_) return;
  correcting_ = true;
  log_.debug("the source needs another command", {{"stream", stream_.name()}});
  run_->kill();
}

void Supervisor::on_output(ByteView bytes) {
  has_output_ = true;
  take(bytes, &StreamWriter::write);
}

void Supervisor::on_sound(ByteView bytes) { take(bytes, &StreamWriter::write_sound); }

void Supervisor::take(ByteView bytes, Result<void> (StreamWriter::*write)(ByteView)) {
  if (correcting_ || refused_ || stopping_) return;
  const std::uint64_t pictures_before = writer_.video_frames();
  const Result<void> written = (writer_.*write)(bytes);
  if (!written) {
    refused_ = true;
    return end_run(written.error().message);
  }
  if (writer_.video_frames() == pictures_before) return;
  corrections_ = 0;
  ran_since_ = true;
  slate_.stop();
  if (status_.state != SourceState::kRunning) set_state(SourceState::kRunning);
}

void Supervisor::on_progress(const Progress& progress) { media_time_ = progress.media_time; }

void Supervisor::end_run(std::string reason) {
  if (!run_ || !end_reason_.empty()) return;
  end_reason_ = std::move(reason);
  run_->kill();
}

void Supervisor::on_ended(const ExitStatus& status) {
  const std::shared_ptr<FfmpegRun> run = std::exchange(run_, nullptr);
  if (feeder_) std::exchange(feeder_, nullptr)->stop();
  status_.ffmpeg_pid = 0;
  status_.speed = 0;
  status_.warning.clear();
  sound_was_missing_ = false;
  if (stopping_) return finish_stop();
  // What the run held is free when this has returned; over months of runs it would lie in pieces.
  boost::asio::post(loop_, release_free_memory);

  const bool produced = writer_.produced() && !refused_;
  std::string reason = end_reason_;
  if (reason.empty() && run->went_on_without_output())
    reason = "ffmpeg closed its output without ending";
  if (reason.empty()) reason = explain(run->errors());
  if (reason.empty() && status.code == 0 && status.signal == 0 && !produced)
    reason = "the source ended before anything came";
  if (reason.empty() && (status.code != 0 || status.signal != 0)) {
    reason = fmt::format("ffmpeg ended ({})", status.describe());
  }
  const bool learnt =
      correcting_ || (!produced && end_reason_.empty() && learn_from(run->errors()));
  if (learnt && corrections_++ < kMostCorrections) return attempt();
  started_before_ = true;

  // A looping run of a file on the web that ends or stalls: its server cannot go back to the
  // beginning.
  if (source_.kind == SourceKind::kHttp && produced && pacing_of(source_, facts_.input).looped) {
    facts_.input.loops = false;
  }
  retry_after(back_off_.after_run(produced), std::move(reason));
}

// What an ffmpeg that gave nothing says of itself. True when another command is worth a try at
// once.
bool Supervisor::learn_from(const std::deque<std::string>& errors) {
  if (any_contains(errors, "fps_mode") && !facts_.ffmpeg.older_than(5, 1)) {
    facts_.ffmpeg.major = 5;
    facts_.ffmpeg.minor = 0;
    return true;
  }
  const bool no_text =
      any_contains(errors, "drawtext") || any_contains(errors, "Cannot find a valid font");
  if (source_.kind == SourceKind::kDemo && facts_.input.draws_text && no_text) {
    facts_.input.draws_text = false;
    return true;
  }
  return false;
}

// Tries again after `wait`; an empty `error` is a source that has simply ended.
void Supervisor::retry_after(std::chrono::milliseconds wait, std::string error) {
  if (stopping_) return;
  const SteadyTime now = clock_.now();
  const bool is_news = error != said_ || (ran_since_ && now - said_at_ >= kSayAgain);
  if (!error.empty() && is_news) {
    said_ = error;
    said_at_ = now;
    ran_since_ = false;
    log_.warn("source away",
              {{"stream", stream_.name()}, {"error", error}, {"retry_in_ms", wait.count()}});
  } else {
    log_.debug("source ended", {{"stream", stream_.name()}, {"retry_in_ms", wait.count()}});
  }
  if (!error.empty()) status_.last_error = std::move(error);
  if (wait == 0ms) return attempt();
  status_.retry_at = now + wait;
  set_state(SourceState::kWaiting);
  retry_timer_.expires_after(wait);
  retry_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled && !stopping_) attempt();
  });
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
  watch_picture();
  watch_sound();
  judge_pace();
  measure();
  watch_flood();
  publish_status();
  const SteadyTime now = clock_.now();
  const auto away = now - std::max(began_, writer_.last_picture().value_or(began_));
  if (away < kSilence) return;
  slate_.source_away(std::chrono::duration_cast<std::chrono::milliseconds>(away), facts_.ffmpeg);
  if (!last_message_ || now - *last_message_ >= kSilence) write_state_message();
}

// Everything that shows its trouble by giving no picture, whether ffmpeg hangs or its source does.
void Supervisor::watch_picture() {
  if (!run_ || correcting_) return;
  const SteadyTime now = clock_.now();
  // A recording that pauses is no stall: a restart would show it from its beginning again.
  const bool pauses = feeder_ && feeder_->starved_since();
  if (pauses) watched_from_ = now;
  const auto last = writer_.last_picture();
  if (status_.state == SourceState::kRunning && last && now - *last >= kStarved) {
    note(pauses ? fmt::format("{} has stopped growing", status_.url) : silence_for(kStarved));
    set_state(SourceState::kWaiting);
  }
  const auto silent = now - std::max(watched_from_, last.value_or(watched_from_));
  if (!writer_.produced() && silent >= kSlowStart && !std::exchange(noted_silence_, true)) {
    note(silence_for(kSlowStart));
    write_state_message();
  }
  auto limit = kStall;
  if (!writer_.produced()) {
    const bool remote = source_.kind == SourceKind::kNetwork ||
                        (source_.kind == SourceKind::kHttp && !facts_.input.segmented);
    const bool mute = remote && !knows_its_input_;
    limit = mute ? kStallBeforeFirstPacket : kStallBeforeFirstPicture;
  }
  if (silent < limit) return;
  // It may send what ffmpeg makes nothing of without a parser.
  if (!knows_its_input_) facts_.input.whole_pictures = !facts_.input.whole_pictures;
  end_run(silence_for(limit));
}

std::string Supervisor::silence_for(std::chrono::seconds time) const {
  const auto sound = writer_.last_sound();
  if (writer_.produced() && sound && *sound > writer_.last_picture().value_or(*sound) + kSilence) {
    return fmt::format("the source's picture has stopped for {} s, its sound goes on",
                       time.count());
  }
  return fmt::format("nothing came from the source for {} s", time.count());
}

// What is wrong although ffmpeg runs.
void Supervisor::note(std::string trouble) {
  log_.warn("source silent", {{"stream", stream_.name()}, {"error", trouble}});
  status_.last_error = std::move(trouble);
}

void Supervisor::watch_sound() {
  const bool missing = run_ && writer_.sound_is_missing();
  if (missing == std::exchange(sound_was_missing_, missing)) return;
  if (missing) {
    log_.warn(kSoundMissing, {{"stream", stream_.name()}});
  } else if (run_) {
    log_.info("the source's sound is back", {{"stream", stream_.name()}});
  }
  update_warning();
}

void Supervisor::judge_pace() {
  // While an output has not begun, for want of sound for instance, ffmpeg reports no progress.
  if (!run_ || !has_output_ || !media_time_) return;
  const bool was_slow = pace_.too_slow();
  pace_.observe(*media_time_, cpu_time_of(run_->pid()), clock_.now());
  status_.speed = pace_.speed();
  if (pace_.too_slow() == was_slow) return;
  update_warning();
  if (pace_.too_slow()) {
    log_.warn(kTooSlow,
              {{"stream", stream_.name()}, {"speed", fmt::format("{:.2f}", status_.speed)}});
  } else {
    log_.info("the machine keeps up with the source again", {{"stream", stream_.name()}});
  }
}

void Supervisor::update_warning() {
  status_.warning = pace_.too_slow() ? kTooSlow : sound_was_missing_ ? kSoundMissing : "";
}

void Supervisor::measure() {
  const SteadyTime now = clock_.now();
  frames_.observe(static_cast<double>(writer_.video_frames()), now);
  bytes_.observe(static_cast<double>(writer_.media_bytes()), now);
  status_.fps = frames_.per_second();
  status_.bitrate_bps = bytes_.per_second() * 8;
}

void Supervisor::watch_flood() {
  if (!run_ || copies_video(encoding_, source_, facts_.input)) return;
  if (clock_.now() - watched_from_ < kSettled) return;
  if (status_.fps > kFlood * encoding_.video_fps.per_second())
    end_run("the source's times have jumped forward: it is opened anew");
}

void Supervisor::set_state(SourceState state) {
  if (state != status_.state) status_.since = clock_.wall_now();
  status_.state = state;
  publish_status();
  write_state_message();
}

void Supervisor::publish_status() { stream_.set_source_status(status_); }

void Supervisor::write_state_message() {
  nlohmann::ordered_json json = {{"state", to_string(status_.state)}};
  if (status_.state != SourceState::kRunning && !status_.last_error.empty())
    json["error"] = status_.last_error;
  if (status_.retry_at) {
    const auto wait =
        std::chrono::duration_cast<std::chrono::milliseconds>(*status_.retry_at - clock_.now());
    json["retry_in_ms"] = std::max<std::int64_t>(0, wait.count());
  }
  last_message_ = clock_.now();
  writer_.write_message(
      json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace livestream
