#include "source/source_health.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/mask.h"

namespace livestream {
namespace {

using namespace std::chrono_literals;

// Without media viewers are told the state, and again after as long.
constexpr auto kRepeat = 1s;

// The first attempt asks for sound without knowing of any, and the next one does not.
bool tells_of_no_track(std::string_view line) {
  return line.find("' matches no streams") != std::string_view::npos;
}

}  // namespace

SourceHealth::SourceHealth(Stream& stream, StreamWriter& writer, const Clock& clock, Log log,
                           std::string kind, std::string url)
    : stream_(stream), writer_(writer), clock_(clock), log_(std::move(log)) {
  status_.kind = std::move(kind);
  status_.url = std::move(url);
  status_.since = clock_.wall_now();
}

void SourceHealth::begin() {
  frames_.reset();
  bytes_.reset();
  status_.last_error.clear();
  publish();
}

void SourceHealth::publish() {
  status_.dropped_samples = writer_.dropped_samples();
  stream_.set_source_status(status_);
}

void SourceHealth::set_state(SourceState state) {
  if (state != status_.state) status_.since = clock_.wall_now();
  status_.state = state;
  publish();
  write_state_message();
}

void SourceHealth::relay(const StderrLine& line) {
  if (const int hidden = lines_.begin_window_if_due(clock_.now()); hidden > 0) {
    log_.warn("ffmpeg said more than is shown", {{"stream", stream_.name()}, {"lines", hidden}});
  }
  const std::string text = mask_credentials("ffmpeg: " + line.text);
  LogLevel level = tells_of_no_track(line.text) ? LogLevel::kDebug : line.level;
  // A source that is tried again and again brings the same lines each time.
  if (logged_.is_recent(text, clock_.now())) level = LogLevel::kDebug;
  if (level != LogLevel::kDebug) {
    if (!lines_.allow()) return;
    (void)logged_.count(text, clock_.now());
  }
  log_.write(level, text, {{"stream", stream_.name()}});
}

void SourceHealth::report_trouble(std::string trouble) {
  if (const std::uint64_t times = logged_.count(trouble, clock_.now()); times > 0) {
    log_.warn("source silent", {{"stream", stream_.name()}, {"error", trouble}, {"times", times}});
  }
  status_.last_error = std::move(trouble);
}

void SourceHealth::report_wait(std::string words) {
  log_.info("source not there yet", {{"stream", stream_.name()}, {"state", words}});
  status_.last_error = std::move(words);
}

void SourceHealth::report_end(std::string reason, std::chrono::milliseconds wait) {
  if (reason.empty()) reason = "the source has ended";
  if (const std::uint64_t times = logged_.count(reason, clock_.now()); times > 0) {
    log_.warn("source away", {{"stream", stream_.name()},
                              {"error", reason},
                              {"retry_in_ms", wait.count()},
                              {"times", times}});
  }
  status_.last_error = std::move(reason);
}

void SourceHealth::tick(SteadyTime last_picture) {
  const SteadyTime now = clock_.now();
  frames_.observe(static_cast<double>(writer_.video_frames()), now);
  bytes_.observe(static_cast<double>(writer_.media_bytes()), now);
  status_.fps = frames_.per_second();
  status_.bitrate_bps = bytes_.per_second() * 8;
  publish();
  if (now - last_picture < kRepeat) return;
  if (!last_message_ || now - *last_message_ >= kRepeat) write_state_message();
}

void SourceHealth::write_state_message() {
  nlohmann::ordered_json json = {{"state", to_string(status_.state)}};
  if (status_.state != SourceState::kRunning && !status_.last_error.empty())
    json["error"] = status_.last_error;
  if (status_.retry_at) {
    const auto wait =
        std::chrono::duration_cast<std::chrono::milliseconds>(*status_.retry_at - clock_.now());
    json["retry_in_ms"] = std::max<std::int64_t>(0, wait.count());
  }
  if (old_picture_) {
    const auto age =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall_now() - *old_picture_);
    // The clock may have been set back.
    json["picture_age_ms"] = std::max<std::int64_t>(0, age.count());
  }
  last_message_ = clock_.now();
  writer_.write_message(
      json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace livestream
