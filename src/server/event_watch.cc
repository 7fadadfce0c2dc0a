#include "server/event_watch.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "outlet/event_outlet.h"

namespace livestream {
namespace {

constexpr std::chrono::milliseconds kPeriod{250};

}  // namespace

void EventWatch::start() {
  look();
  events_.wake();
  timer_.expires_after(kPeriod);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) start();
  });
}

void EventWatch::look() {
  auto watching = viewers_.present_by_stream();
  std::map<std::uint64_t, StreamTable::Entry> now;
  for (const StreamTable::Entry& entry : streams_.table()->listed())
    now[entry->stream->id()] = entry;
  // Names are of the form [a-z0-9_-] and need no escaping.
  std::erase_if(seen_, [&](const auto& before) {
    const auto& [id, seen] = before;
    if (now.contains(id)) return false;
    events_.publish("removed", seen.name, fmt::format(R"({{"stream":"{}"}})", seen.name));
    hooks_.removed(id);
    return true;
  });
  for (const auto& [id, entry] : now) look_at(*entry, watching[id]);
}

void EventWatch::look_at(const StreamEntry& entry, std::size_t viewers) {
  const std::string& name = entry.settings.name;
  const SourceStatus source = entry.stream->source_status();
  const auto [place, is_new] = seen_.try_emplace(entry.stream->id());
  Seen& seen = place->second;
  seen.name = name;
  if (is_new) events_.publish("added", name, fmt::format(R"({{"stream":"{}"}})", name));
  std::string state = state_of(name, source);
  if (seen.state != state) events_.publish("state", name, state);
  seen.state = std::move(state);
  if (std::exchange(seen.viewers, viewers) != viewers) {
    events_.publish("viewers", name,
                    fmt::format(R"({{"stream":"{}","viewers":{}}})", name, viewers));
  }
  hooks_.look(entry, source, viewers);
}

}  // namespace livestream
