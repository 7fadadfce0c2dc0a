#pragma once

#include <memory>

#include "base/log.h"
#include "base/result.h"
#include "server/hook_call.h"
#include "server/hook_run.h"

namespace livestream {

// Starts the command of a hook, without a shell. It has the facts of the event in its environment
// and as a line on its standard input; what it writes goes to the log, for debugging. At its limit
// it gets SIGTERM, and SIGKILL after kCommandGrace; processes of its group that outlive it are
// killed. Blocks for about a millisecond. Fails with one line when it cannot be started.
[[nodiscard]] Result<std::unique_ptr<HookRun>> start_command(const HookCall& call, SteadyTime now,
                                                             const Log& log);

constexpr std::chrono::milliseconds kCommandGrace{400};

}  // namespace livestream
