#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/repeats.h"
#include "server/hook_call.h"
#include "server/hook_queue.h"
#include "server/hook_requests.h"
#include "server/hook_run.h"

namespace livestream {

// Runs hooks, on a thread of its own that starts with the first one: no frame and no viewer waits
// for a hook. Each that fails is a warning in the log, the same one once a minute. Main thread.
class HookRunner {
 public:
  // Borrows the clock.
  HookRunner(const Clock& clock, Log log);
  // Waits as join() does.
  ~HookRunner();
  HookRunner(const HookRunner&) = delete;
  HookRunner& operator=(const HookRunner&) = delete;

  // Does not block. Calls of one stream run in this order; when too many wait, the oldest is left
  // out, with a warning.
  void run(HookCall call);
  // From now on the hooks that wait and run have kLastMoment; commands that still run then are
  // ended, and the rest is left out.
  void stop();
  // Waits until nothing runs; after stop().
  void join();

  static constexpr std::chrono::milliseconds kLastMoment{500};

 private:
  struct Running {
    HookCall call;
    std::unique_ptr<HookRun> run;
  };

  // The thread's work.
  void serve();
  // False when the thread is to end.
  [[nodiscard]] bool take_posted(SteadyTime now);
  void start_what_may(SteadyTime now);
  void start(HookCall call, SteadyTime now);
  // Whether any run has ended.
  [[nodiscard]] bool go_on(SteadyTime now);
  void end_all(SteadyTime now);
  void wait(SteadyTime now);
  void warn(const char* what, const HookCall& call, const std::string& error, SteadyTime now);

  const Clock& clock_;
  const Log log_;
  // Made with the thread.
  std::unique_ptr<HookRequests> requests_;
  std::thread thread_;
  Mutex mutex_;
  std::vector<HookCall> posted_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  // The thread's own.
  HookQueue queue_;
  std::vector<Running> running_;
  Repeats warnings_;
  // When what runs is ended; set by stop().
  std::optional<SteadyTime> end_at_;
};

}  // namespace livestream
