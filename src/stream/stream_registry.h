#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "config/stream_settings.h"
#include "stream/demand.h"
#include "stream/stream.h"

namespace livestream {

// A stream under its name. Immutable: other settings make another entry with the same stream.
struct StreamEntry {
  StreamSettings settings;
  std::shared_ptr<Stream> stream;
  std::shared_ptr<Demand> demand;
  // Whether lists of streams name it; the built-in demo is not named.
  bool listed = true;
};

// The streams of a server at one time, in the order in which lists show them. Immutable.
class StreamTable {
 public:
  using Entry = std::shared_ptr<const StreamEntry>;

  StreamTable() = default;
  explicit StreamTable(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  // Null when there is none.
  [[nodiscard]] Entry find(std::string_view name) const;
  // The stream at the root of the server's URLs: the first one that lists name; null without one.
  [[nodiscard]] Entry first() const;
  [[nodiscard]] std::vector<Entry> listed() const;
  [[nodiscard]] const std::vector<Entry>& all() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

// The present table. Any thread; who has a table or an entry may keep it.
class StreamRegistry {
 public:
  [[nodiscard]] std::shared_ptr<const StreamTable> table() const {
    const MutexLock lock(mutex_);
    return table_;
  }
  void publish(StreamTable table) {
    auto next = std::make_shared<const StreamTable>(std::move(table));
    const MutexLock lock(mutex_);
    table_ = std::move(next);
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const StreamTable> table_ GUARDED_BY(mutex_) = std::make_shared<StreamTable>();
};

}  // namespace livestream
