#include "stream/viewer_registry.h"

#include <utility>

namespace livestream {
namespace {

// 192.0.2.1 of 192.0.2.1:50000.
std::string_view host_of(std::string_view address) { return address.substr(0, address.rfind(':')); }

}  // namespace

std::shared_ptr<Viewer> ViewerRegistry::join(const Stream& stream, std::string remote_address,
                                             std::string user_agent, TrackSelection selection,
                                             SteadyTime now) {
  std::shared_ptr<Viewer> viewer(new Viewer, [this](Viewer* gone) { leave(gone); });
  viewer->stream = &stream;
  viewer->remote_address = std::move(remote_address);
  viewer->user_agent = std::move(user_agent);
  viewer->selection = selection;
  viewer->connected_at = now;
  bool full = false;
  {
    const MutexLock lock(mutex_);
    full = viewers_.size() >= max_viewers_;
    if (full) {
      ++departed_[&stream].refused;
    } else {
      viewer->id = next_id_++;
      ++departed_[&stream].viewers;
      viewers_.emplace(viewer->id, viewer);
    }
  }
  return full ? nullptr : viewer;
}

void ViewerRegistry::leave(Viewer* viewer) {
  const std::unique_ptr<Viewer> owner(viewer);
  if (viewer->id == 0) return;  // it never got a place
  const MutexLock lock(mutex_);
  departed_[viewer->stream] += sent_to(*viewer);
  viewers_.erase(viewer->id);
  reports_.erase(viewer->id);
}

bool ViewerRegistry::report(std::uint64_t id, std::string_view remote_address,
                            PlayerReport report) {
  std::shared_ptr<Viewer> viewer;  // goes after the lock: if it is the last pointer, leave() locks
  const MutexLock lock(mutex_);
  const auto found = viewers_.find(id);
  if (found == viewers_.end()) return false;
  viewer = found->second.lock();
  if (viewer == nullptr || host_of(viewer->remote_address) != host_of(remote_address)) return false;
  reports_[id] = std::move(report);
  return true;
}

std::optional<PlayerReport> ViewerRegistry::player_report(std::uint64_t id) const {
  const MutexLock lock(mutex_);
  const auto found = reports_.find(id);
  return found == reports_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::shared_ptr<const Viewer>> ViewerRegistry::viewers() const {
  std::vector<std::shared_ptr<const Viewer>> present;
  const MutexLock lock(mutex_);
  present.reserve(viewers_.size());
  for (const auto& [id, weak] : viewers_) {
    if (auto viewer = weak.lock()) present.push_back(std::move(viewer));
  }
  return present;
}

ViewerRegistry::Totals& ViewerRegistry::Totals::operator+=(const Totals& more) {
  viewers += more.viewers;
  refused += more.refused;
  bytes_sent += more.bytes_sent;
  fragments_sent += more.fragments_sent;
  fragments_skipped += more.fragments_skipped;
  return *this;
}

ViewerRegistry::Totals ViewerRegistry::sent_to(const Viewer& viewer) {
  return {.bytes_sent = viewer.bytes_sent.load(std::memory_order_relaxed),
          .fragments_sent = viewer.fragments_sent.load(std::memory_order_relaxed),
          .fragments_skipped = viewer.fragments_skipped.load(std::memory_order_relaxed)};
}

ViewerRegistry::Totals ViewerRegistry::totals() const {
  // Outside the lock: the last pointer to a viewer may go here, and that takes the lock.
  const auto present = viewers();
  Totals totals;
  {
    const MutexLock lock(mutex_);
    for (const auto& [stream, departed] : departed_) totals += departed;
  }
  for (const auto& viewer : present) totals += sent_to(*viewer);
  return totals;
}

ViewerRegistry::Totals ViewerRegistry::totals(const Stream& stream) const {
  const auto present = viewers();
  Totals totals;
  {
    const MutexLock lock(mutex_);
    const auto departed = departed_.find(&stream);
    if (departed != departed_.end()) totals = departed->second;
  }
  for (const auto& viewer : present) {
    if (viewer->stream == &stream) totals += sent_to(*viewer);
  }
  return totals;
}

}  // namespace livestream
