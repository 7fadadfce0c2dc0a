#include "stream/stream_registry.h"

#include <algorithm>
#include <iterator>

namespace livestream {

StreamTable::Entry StreamTable::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry->settings.name == name; });
  return found == entries_.end() ? nullptr : *found;
}

StreamTable::Entry StreamTable::first() const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [](const Entry& entry) { return entry->listed; });
  return found == entries_.end() ? nullptr : *found;
}

std::vector<StreamTable::Entry> StreamTable::listed() const {
  std::vector<Entry> listed;
  std::copy_if(entries_.begin(), entries_.end(), std::back_inserter(listed),
               [](const Entry& entry) { return entry->listed; });
  return listed;
}

}  // namespace livestream
