#include "stream/fragment_log.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace livestream {

void FragmentLog::append(Entry entry) {
  CHECK(entries_.empty() || entries_.back().fragment.sequence < entry.fragment.sequence);
  bytes_ += entry.fragment.bytes.size();
  entries_.push_back(std::move(entry));
}

void FragmentLog::evict_before(std::uint64_t sequence) {
  while (!entries_.empty() && entries_.front().fragment.sequence < sequence) {
    bytes_ -= entries_.front().fragment.bytes.size();
    entries_.pop_front();
  }
}

FragmentLog::Iterator FragmentLog::find(std::uint64_t sequence) const {
  // Most readers have everything up to the newest fragment.
  if (entries_.empty() || entries_.back().fragment.sequence < sequence) return entries_.end();
  return std::lower_bound(
      entries_.begin(), entries_.end(), sequence,
      [](const Entry& entry, std::uint64_t wanted) { return entry.fragment.sequence < wanted; });
}

}  // namespace livestream
