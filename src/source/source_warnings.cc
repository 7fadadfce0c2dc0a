#include "source/source_warnings.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace livestream {
namespace {

constexpr const char* kNoSound =
    "the source announces sound, but none has come that ffmpeg can decode: silence is sent";
constexpr const char* kSoundMissing =
    "the source's sound has stopped: silence is played until it comes back";
constexpr const char* kTooSlow =
    "this machine cannot encode the source in real time: lower VIDEO_QUALITY, VIDEO_RESOLUTION or "
    "VIDEO_FPS, use a faster VIDEO_PRESET, or a hardware encoder (VIDEO_CODEC)";

}  // namespace

SourceWarnings::SourceWarnings(SourceHealth& health, StreamWriter& writer, const Clock& clock,
                               Log log, std::string stream)
    : health_(health),
      writer_(writer),
      clock_(clock),
      log_(std::move(log)),
      stream_(std::move(stream)) {}

void SourceWarnings::tick(SourceRun* run) {
  watch_sound(run);
  if (run) judge_pace(*run);
}

void SourceWarnings::watch_sound(const SourceRun* run) {
  if (const auto moved = writer_.take_correction()) {
    log_.warn("the times of the source's sound and picture differ: the sound was moved",
              {{"stream", stream_}, {"moved_ms", moved->count()}});
  }
  const bool alive = run && run->alive();
  const bool silent = alive && writer_.sound_is_missing();
  // Sound that never came has not stopped.
  note_silence(silent && !writer_.last_sound());
  const bool missing = silent && writer_.last_sound();
  if (missing == std::exchange(sound_is_missing_, missing)) return;
  if (missing) {
    log_.warn(kSoundMissing, {{"stream", stream_}});
  } else if (alive) {
    log_.info("the source's sound is back", {{"stream", stream_}});
  }
  update(run);
}

void SourceWarnings::note_silence(bool silent) {
  std::vector<std::string>& notes = health_.status().notes;
  const auto noted = std::find(notes.begin(), notes.end(), kNoSound);
  if (silent && noted == notes.end()) notes.emplace_back(kNoSound);
  if (!silent && noted != notes.end()) notes.erase(noted);
}

void SourceWarnings::judge_pace(SourceRun& run) {
  if (!run.media_time()) return;
  PaceWatch& pace = run.pace;
  const bool was_slow = pace.too_slow();
  const auto cpu = run.alive() ? cpu_time_of(run.pid()) : std::chrono::milliseconds(0);
  pace.observe(*run.media_time(), cpu, clock_.now());
  // Too early to tell in this run; a short file's passes would each begin at zero.
  if (pace.speed() > 0) health_.status().speed = pace.speed();
  if (pace.too_slow() == was_slow) return;
  update(&run);
  if (pace.too_slow()) {
    log_.warn(kTooSlow, {{"stream", stream_}, {"speed", fmt::format("{:.2f}", pace.speed())}});
  } else {
    log_.info("the machine keeps up with the source again", {{"stream", stream_}});
  }
}

void SourceWarnings::update(const SourceRun* run) {
  const bool too_slow = run && run->pace.too_slow();
  health_.status().warning = too_slow ? kTooSlow : sound_is_missing_ ? kSoundMissing : "";
}

}  // namespace livestream
