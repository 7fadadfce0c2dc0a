#include "server/hooks.h"

namespace livestream {
namespace {

bool is_away(const SourceStatus& source, bool on_demand) {
  // A source that failed is often opened again at once. One on demand may have failed long ago.
  const bool failed =
      source.state == SourceState::kStarting && !on_demand && !source.last_error.empty();
  return failed || source.state == SourceState::kWaiting;
}

}  // namespace

void Hooks::look(const StreamEntry& entry, const SourceStatus& source, std::size_t viewers) {
  Told& told = told_[entry.stream->id()];
  told.name = entry.settings.name;
  told.hooks = entry.settings.hooks;
  // Viewers come before the pictures that they cause, and go after them.
  if (viewers > 0) tell_viewers(told, viewers);
  if (source.state == SourceState::kRunning) {
    tell_source(told, true, {});
  } else if (is_away(source, entry.settings.on_demand)) {
    tell_source(told, false, source.last_error);
  }
  if (viewers == 0) tell_viewers(told, viewers);
}

void Hooks::removed(std::uint64_t id) {
  const auto found = told_.find(id);
  if (found == told_.end()) return;
  tell_source(found->second, false, {});
  tell_viewers(found->second, 0);
  told_.erase(found);
}

void Hooks::tell_source(Told& told, bool up, const std::string& error) const {
  if (std::exchange(told.up, up) == up) return;
  if (up) return run(told, "source_up", told.hooks.source_up, {});
  run(told, "source_down", told.hooks.source_down, error);
}

void Hooks::tell_viewers(Told& told, std::size_t viewers) const {
  const std::size_t before = std::exchange(told.viewers, viewers);
  if (before == 0 && viewers > 0) run(told, "first_viewer", told.hooks.first_viewer, {});
  if (before > 0 && viewers == 0) run(told, "last_viewer", told.hooks.last_viewer, {});
}

void Hooks::run(const Told& told, const char* event, const Hook& hook, std::string error) const {
  if (hook.empty()) return;
  run_({.stream = told.name,
        .event = event,
        .hook = hook,
        .timeout = told.hooks.timeout,
        .viewers = told.viewers,
        .error = std::move(error),
        .at = clock_.wall_now()});
}

}  // namespace livestream
