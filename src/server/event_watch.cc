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
  std::map<std::uint64_t, Seen> now;
  for (const StreamTable::Entry& entry : streams_.table()->listed()) {
    const std::uint64_t id = entry->stream->id();
    now[id] = {entry->settings.name, state_of(*entry), watching[id]};
  }
  // Names are of the form [a-z0-9_-] and need no escaping.
  for (const auto& [id, before] : seen_) {
    if (!now.contains(id))
      events_.publish("removed", before.name, fmt::format(R"({{"stream":"{}"}})", before.name));
  }
  for (const auto& [id, stream] : now) {
    const auto before = seen_.find(id);
    if (before == seen_.end())
      events_.publish("added", stream.name, fmt::format(R"({{"stream":"{}"}})", stream.name));
    if (before == seen_.end() || before->second.state != stream.state)
      events_.publish("state", stream.name, stream.state);
    if ((before == seen_.end() ? 0 : before->second.viewers) != stream.viewers) {
      events_.publish(
          "viewers", stream.name,
          fmt::format(R"({{"stream":"{}","viewers":{}}})", stream.name, stream.viewers));
    }
  }
  seen_ = std::move(now);
}

}  // namespace livestream
