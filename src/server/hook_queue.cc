#include "server/hook_queue.h"

#include <algorithm>
#include <utility>

namespace livestream {

std::optional<HookCall> HookQueue::add(HookCall call) {
  const auto is_of_stream = [&](const HookCall& other) { return other.stream == call.stream; };
  const auto of_stream =
      static_cast<std::size_t>(std::count_if(waiting_.begin(), waiting_.end(), is_of_stream));
  auto oldest = waiting_.end();
  if (of_stream >= kMostWaitingOfStream) {
    oldest = std::find_if(waiting_.begin(), waiting_.end(), is_of_stream);
  } else if (waiting_.size() >= kMostWaiting) {
    oldest = waiting_.begin();
  }
  std::optional<HookCall> left_out;
  if (oldest != waiting_.end()) {
    left_out = std::move(*oldest);
    waiting_.erase(oldest);
  }
  waiting_.push_back(std::move(call));
  return left_out;
}

std::optional<HookCall> HookQueue::take() {
  if (running_.size() >= kMostRunning) return std::nullopt;
  // Streams whose next call is not to be overtaken.
  std::set<std::string> held = running_;
  for (auto call = waiting_.begin(); call != waiting_.end(); ++call) {
    if (!held.insert(call->stream).second) continue;
    const std::string target = target_of(call->hook);
    const auto running = by_target_.find(target);
    if (running != by_target_.end() && running->second >= kMostRunningOfTarget) continue;
    ++by_target_[target];
    std::optional<HookCall> taken = std::move(*call);
    waiting_.erase(call);
    running_.insert(taken->stream);
    return taken;
  }
  return std::nullopt;
}

void HookQueue::ended(const HookCall& call) {
  running_.erase(call.stream);
  const auto of_target = by_target_.find(target_of(call.hook));
  if (of_target != by_target_.end() && --of_target->second == 0) by_target_.erase(of_target);
}

std::size_t HookQueue::clear() { return std::exchange(waiting_, {}).size(); }

}  // namespace livestream
