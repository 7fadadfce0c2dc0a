#include "outlet/event_log.h"

#include <fmt/format.h>

namespace livestream {

void EventLog::publish(std::string_view kind, std::string stream, std::string_view data) {
  {
    const MutexLock lock(mutex_);
    const std::uint64_t id = newest_.load(std::memory_order_relaxed) + 1;
    std::string text = fmt::format("id: {}\nevent: {}\ndata: {}\n\n", id, kind, data);
    events_.push_back({id, std::move(stream), std::move(text)});
    if (events_.size() > kKept) events_.pop_front();
    newest_.store(id, std::memory_order_release);
  }
  wake();
}

std::vector<EventLog::Event> EventLog::after(std::uint64_t id) const {
  std::vector<Event> found;
  const MutexLock lock(mutex_);
  for (const Event& event : events_) {
    if (event.id > id) found.push_back(event);
  }
  return found;
}

}  // namespace livestream
