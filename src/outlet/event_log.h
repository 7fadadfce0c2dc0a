#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "http/response.h"

namespace livestream {

// The recent events of a server, for those who listen to /events. Any thread.
class EventLog {
 public:
  struct Event {
    // Counts from 1.
    std::uint64_t id = 0;
    // Empty: of the whole server.
    std::string stream;
    // As sent: the lines of one server-sent event.
    std::string text;
  };

  explicit EventLog(http::Channel channel) : channel_(channel) {}

  // Called at each event, on its thread. Before the first one.
  void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }
  // Wakes listeners.
  [[nodiscard]] http::Channel channel() const { return channel_; }

  // Wakes the listeners though nothing has happened.
  void wake() const {
    if (wake_) wake_();
  }
  // `data`: one line of JSON.
  void publish(std::string_view kind, std::string stream, std::string_view data);
  // The id of the newest event; 0 before the first.
  [[nodiscard]] std::uint64_t newest() const { return newest_.load(std::memory_order_acquire); }
  // Those after `id` that are still kept.
  [[nodiscard]] std::vector<Event> after(std::uint64_t id) const;

  static constexpr std::size_t kKept = 1000;

 private:
  const http::Channel channel_;
  std::function<void()> wake_;
  std::atomic<std::uint64_t> newest_{0};
  mutable Mutex mutex_;
  std::deque<Event> events_ GUARDED_BY(mutex_);
};

}  // namespace livestream
