#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/shared_bytes.h"

namespace livestream {

// Texts that cost something to make, each given again for a quarter of a second, so that many
// requests cost no more than four a second. One for all workers, so that the answers to one client
// never go back in time. Any thread.
template <typename Key>
class KeptTexts {
 public:
  static constexpr std::chrono::milliseconds kKept{250};

  // The text of `key`, made by `make` when the one that is kept is older.
  [[nodiscard]] SharedBytes get(const Key& key, SteadyTime now,
                                const std::function<std::string()>& make) {
    {
      const MutexLock lock(mutex_);
      // Those that are not asked for any more go too.
      std::erase_if(texts_, [&](const auto& text) { return now - text.second.made >= kKept; });
      const auto kept = texts_.find(key);
      if (kept != texts_.end()) return kept->second.bytes;
    }
    // Made without the lock, because a long text takes milliseconds. Another worker may make one at
    // the same time: the newer one is kept.
    Text made{.bytes = SharedBytes(std::string_view(make())), .made = now};
    const MutexLock lock(mutex_);
    Text& kept = texts_[key];
    if (kept.bytes.empty() || kept.made <= made.made) kept = std::move(made);
    return kept.bytes;
  }

 private:
  struct Text {
    SharedBytes bytes;
    SteadyTime made{};
  };

  Mutex mutex_;
  std::map<Key, Text> texts_ GUARDED_BY(mutex_);
};

}  // namespace livestream
