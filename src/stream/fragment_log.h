#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "media/fragment.h"

namespace livestream {

// A stream's description with the number that tells it from the one before. Viewers of fragments
// that share it need its init segment once.
struct Generation {
  std::uint32_t number = 0;  // from 1
  StreamDescription description;
};

// The recent fragments of one track, oldest first, in the order of their stream-wide sequence
// numbers. No lock of its own: Stream guards all its logs with one mutex.
class FragmentLog {
 public:
  struct Entry {
    Fragment fragment;
    std::shared_ptr<const Generation> generation;
  };
  using Iterator = std::deque<Entry>::const_iterator;

  // `entry` has a higher sequence number than all before it.
  void append(Entry entry);
  // Drops every fragment with a number below `sequence`.
  void evict_before(std::uint64_t sequence);

  // The first fragment with this number or a higher one; end() when there is none yet.
  [[nodiscard]] Iterator find(std::uint64_t sequence) const;
  [[nodiscard]] Iterator end() const { return entries_.end(); }
  [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace livestream
