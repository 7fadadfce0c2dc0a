#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "media/fragment.h"

namespace livestream {

// A numbered description of a stream. A viewer needs its init segment once, before the first
// fragment of the generation.
struct Generation {
  // From 1.
  std::uint32_t number = 0;
  StreamDescription description;
};

// The recent fragments of one track, oldest first, in the order of their stream-wide sequence
// numbers. Without a lock, because Stream guards all its logs with one mutex.
class FragmentLog {
 public:
  struct Entry {
    Fragment fragment;
    std::shared_ptr<const Generation> generation;
  };
  using Iterator = std::deque<Entry>::const_iterator;

  // `entry` has a higher sequence number than every entry before it.
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
