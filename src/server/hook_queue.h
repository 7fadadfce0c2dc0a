#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "server/hook_call.h"

namespace livestream {

// The hooks that wait, and which of them may start. Those of one stream run one after the other, in
// the order of its events; those of one target take only a part of the places, so that a target
// that hangs does not hold up the others. A pure value.
class HookQueue {
 public:
  // Adds the newest call. Returns the oldest one, of this stream or of all, where it makes room for
  // this one.
  [[nodiscard]] std::optional<HookCall> add(HookCall call);
  // Takes the oldest call that may start now; call `ended` with it later.
  [[nodiscard]] std::optional<HookCall> take();
  void ended(const HookCall& call);
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  // Forgets the calls that wait; returns how many.
  std::size_t clear();

  static constexpr std::size_t kMostRunning = 32;
  static constexpr std::size_t kMostRunningOfTarget = 8;
  static constexpr std::size_t kMostWaiting = 1000;
  static constexpr std::size_t kMostWaitingOfStream = 16;

 private:
  // In the order of their events.
  std::deque<HookCall> waiting_;
  // The streams of the calls that run, one each, and the number of calls by target.
  std::set<std::string> running_;
  std::map<std::string, std::size_t> by_target_;
};

}  // namespace livestream
