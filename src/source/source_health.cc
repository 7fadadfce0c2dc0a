#include "source/source_health.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/mask.h"

namespace livestream {
namespace {

using namespace std::chrono_literals;

// Without media viewers are told the state, and again after as long.
constexpr auto kRepeat = 1s;
constexpr auto kLogInterval = 1min;

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
  if (was_logged(text)) level = LogLevel::kDebug;
  if (level != LogLevel::kDebug) {
    if (!lines_.allow()) return;
    log_now(text);
  }
  log_.write(level, text, {{"stream", stream_.name()}});
}

void SourceHealth::report_trouble(std::string trouble) {
  if (was_logged(trouble)) {
    ++logged_[trouble].not_logged;
  } else {
    log_.warn("source silent",
              {{"stream", stream_.name()}, {"error", trouble}, {"times", log_now(trouble)}});
  }
  status_.last_error = std::move(trouble);
}

void SourceHealth::report_wait(std::string words) {
  log_.info("source not there yet", {{"stream", stream_.name()}, {"state", words}});
  status_.last_error = std::move(words);
}

void SourceHealth::report_end(std::string reason, std::chrono::milliseconds wait) {
  if (reason.empty()) reason = "the source has ended";
  if (was_logged(reason)) {
    ++logged_[reason].not_logged;
  } else {
    log_.warn("source away", {{"stream", stream_.name()},
                              {"error", reason},
                              {"retry_in_ms", wait.count()},
                              {"times", log_now(reason)}});
  }
  status_.last_error = std::move(reason);
}

bool SourceHealth::was_logged(const std::string& text) const {
  const auto known = logged_.find(text);
  return known != logged_.end() && clock_.now() - known->second.at < kLogInterval;
}

std::uint64_t SourceHealth::log_now(const std::string& text) {
  const SteadyTime now = clock_.now();
  const std::uint64_t not_logged = std::exchange(logged_[text], {.at = now}).not_logged;
  // A text that has not come again is forgotten after twice the time, with its count.
  std::erase_if(logged_,
                [&](const auto& entry) { return now - entry.second.at >= 2 * kLogInterval; });
  return not_logged + 1;
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
