#include "stream/viewer_registry.h"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "base/ip_network.h"

namespace livestream {
namespace {

// The key that tells clients apart; text that is not an address stands for itself.
std::string client_of(const std::string& remote_address) {
  const auto address = parse_ip_endpoint(remote_address);
  return address ? client_key(*address) : remote_address;
}

void add(ViewerRegistry::JoinTimes& times, std::chrono::nanoseconds waited) {
  constexpr const auto& kBounds = ViewerRegistry::JoinTimes::kBoundsSeconds;
  const double seconds = std::chrono::duration<double>(waited).count();
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++times.joins[static_cast<std::size_t>(bound - kBounds.begin())];
  times.sum += waited;
}

}  // namespace

std::uint64_t ViewerRegistry::random_id() {
  constexpr unsigned kUnusedBits = 64 - 53;
  std::random_device random;
  const std::uint64_t high = random();
  return (high << 32 | random()) >> kUnusedBits;
}

std::string ViewerRegistry::refusal(std::uint32_t held) const {
  const std::uint32_t kept = places_.viewers / 4;
  if (viewers_.size() >= places_.viewers)
    return fmt::format("server full: all {} places are taken (MAX_CLIENTS)", places_.viewers);
  if (viewers_.size() + kept < places_.viewers || held < places_.fair_per_address ||
      places_.fair_per_address == 0)
    return {};
  return fmt::format(
      "server full for this address: it holds {} places, and the last {} of {} are kept for "
      "addresses that hold fewer than {} (FAIR_CLIENTS_PER_ADDRESS)",
      held, kept, places_.viewers, places_.fair_per_address);
}

Result<std::shared_ptr<Viewer>> ViewerRegistry::join(std::shared_ptr<const Stream> stream,
                                                     std::string remote_address,
                                                     std::string user_agent,
                                                     TrackSelection selection, SteadyTime now,
                                                     std::chrono::nanoseconds waited) {
  const std::string client = client_of(remote_address);
  const MutexLock lock(mutex_);
  const auto holder = held_.find(client);
  if (std::string why = refusal(holder == held_.end() ? 0 : holder->second); !why.empty()) {
    ++departed_[stream->id()].refused;
    return fail(std::move(why));
  }
  std::uint64_t id = 0;
  do {
    id = new_id_();
  } while (id == 0 || viewers_.contains(id));
  // From here on nothing fails, because leave() would wait for the lock that this holds.
  std::shared_ptr<Viewer> viewer(new Viewer, [this](Viewer* gone) { leave(gone); });
  viewer->id = id;
  viewer->remote_address = std::move(remote_address);
  viewer->user_agent = std::move(user_agent);
  viewer->selection = selection;
  viewer->connected_at = now;
  viewers_.emplace(id, Present{.viewer = viewer.get(), .pointer = viewer});
  ++held_[client];
  ++departed_[stream->id()].viewers;
  add(join_times_[stream->id()], waited);
  viewer->stream = std::move(stream);
  return viewer;
}

void ViewerRegistry::leave(Viewer* viewer) {
  const std::unique_ptr<Viewer> owner(viewer);
  const MutexLock lock(mutex_);
  departed_[viewer->stream->closed() ? 0 : viewer->stream->id()] += sent_to(*viewer);
  viewers_.erase(viewer->id);
  reports_.erase(viewer->id);
  const auto holder = held_.find(client_of(viewer->remote_address));
  if (--holder->second == 0) held_.erase(holder);
}

bool ViewerRegistry::dismiss(std::uint64_t id) {
  // Lives outside the lock: if it is the last pointer to the viewer, leave() locks.
  std::shared_ptr<Viewer> viewer;
  const MutexLock lock(mutex_);
  const auto found = viewers_.find(id);
  if (found != viewers_.end()) viewer = found->second.pointer.lock();
  if (viewer) viewer->dismissed.store(true, std::memory_order_relaxed);
  return viewer != nullptr;
}

bool ViewerRegistry::report(std::uint64_t id, PlayerReport report) {
  const MutexLock lock(mutex_);
  if (!viewers_.contains(id)) return false;
  reports_[id] = std::move(report);
  return true;
}

std::size_t ViewerRegistry::present() const {
  const MutexLock lock(mutex_);
  return viewers_.size();
}

std::unordered_map<std::uint64_t, std::size_t> ViewerRegistry::present_by_stream() const {
  std::unordered_map<std::uint64_t, std::size_t> present;
  const MutexLock lock(mutex_);
  for (const auto& [id, entry] : viewers_) ++present[entry.viewer->stream->id()];
  return present;
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
  for (const auto& [id, entry] : viewers_) {
    if (auto viewer = entry.pointer.lock()) present.push_back(std::move(viewer));
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
  Totals totals;
  const MutexLock lock(mutex_);
  for (const auto& [stream, departed] : departed_) totals += departed;
  for (const auto& [id, present] : viewers_) totals += sent_to(*present.viewer);
  return totals;
}

ViewerRegistry::Totals ViewerRegistry::totals(const Stream& stream) const {
  Totals totals;
  const MutexLock lock(mutex_);
  const auto departed = departed_.find(stream.id());
  if (departed != departed_.end()) totals = departed->second;
  for (const auto& [id, present] : viewers_) {
    if (present.viewer->stream.get() == &stream) totals += sent_to(*present.viewer);
  }
  return totals;
}

std::unordered_map<std::uint64_t, ViewerRegistry::Totals> ViewerRegistry::totals_by_stream() const {
  const MutexLock lock(mutex_);
  auto totals = departed_;
  for (const auto& [id, present] : viewers_)
    totals[present.viewer->stream->id()] += sent_to(*present.viewer);
  return totals;
}

ViewerRegistry::JoinTimes ViewerRegistry::join_times(const Stream& stream) const {
  const MutexLock lock(mutex_);
  const auto found = join_times_.find(stream.id());
  return found == join_times_.end() ? JoinTimes() : found->second;
}

void ViewerRegistry::forget(const Stream& stream) {
  const MutexLock lock(mutex_);
  join_times_.erase(stream.id());
  const auto found = departed_.find(stream.id());
  if (found == departed_.end()) return;
  departed_[0] += found->second;
  departed_.erase(stream.id());
}

}  // namespace livestream
