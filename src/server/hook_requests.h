#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/result.h"
#include "server/hook_call.h"
#include "server/hook_run.h"

namespace livestream {

// The HTTP requests of hooks, side by side on one thread: each a POST of the facts of its event.
// They follow no redirects, and read only the beginning of an answer. The runner's thread, except
// for wake().
class HookRequests {
 public:
  HookRequests();
  ~HookRequests();
  HookRequests(const HookRequests&) = delete;
  HookRequests& operator=(const HookRequests&) = delete;

  // The run must end before this does.
  [[nodiscard]] Result<std::unique_ptr<HookRun>> start(const HookCall& call);
  // Lets all requests go on as far as possible; then their HookRun::go_on tells what became of
  // them.
  void go_on();
  // Waits for a request, for one of the descriptors, for wake(), or until the time is over.
  void wait(const std::vector<int>& descriptors, std::chrono::milliseconds longest);
  // Ends the present or next wait(). Any thread.
  void wake();

 private:
  // curl's handle of the requests.
  void* const multi_;
};

}  // namespace livestream
