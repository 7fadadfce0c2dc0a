#include "server/hook_runner.h"

#include <algorithm>
#include <utility>

#include "server/hook_command.h"

namespace livestream {
namespace {

constexpr std::chrono::milliseconds kLongestWait{60'000};

}  // namespace

HookRunner::HookRunner(const Clock& clock, Log log) : clock_(clock), log_(std::move(log)) {}

HookRunner::~HookRunner() {
  stop();
  join();
}

void HookRunner::run(HookCall call) {
  {
    const MutexLock lock(mutex_);
    if (stopping_) return;
    posted_.push_back(std::move(call));
  }
  if (!thread_.joinable()) {
    requests_ = std::make_unique<HookRequests>();
    thread_ = std::thread([this] { serve(); });
  }
  requests_->wake();
}

void HookRunner::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  if (requests_) requests_->wake();
}

void HookRunner::join() {
  if (thread_.joinable()) thread_.join();
}

void HookRunner::serve() {
  for (SteadyTime now = clock_.now(); take_posted(now); now = clock_.now()) {
    if (end_at_ && now >= *end_at_) end_all(now);
    start_what_may(now);
    // A run that has ended may make room for the next one.
    if (!go_on(now)) wait(now);
  }
}

bool HookRunner::take_posted(SteadyTime now) {
  std::vector<HookCall> posted;
  {
    const MutexLock lock(mutex_);
    posted.swap(posted_);
    if (stopping_ && !end_at_) end_at_ = now + kLastMoment;
  }
  for (HookCall& call : posted) {
    if (const auto left_out = queue_.add(std::move(call)))
      warn("hook left out", *left_out, "too many hooks wait", now);
  }
  return !end_at_ || !running_.empty() || !queue_.empty();
}

void HookRunner::start_what_may(SteadyTime now) {
  while (auto call = queue_.take()) start(*std::move(call), now);
}

void HookRunner::start(HookCall call, SteadyTime now) {
  log_.debug("hook runs",
             {{"stream", call.stream}, {"event", call.event}, {"target", target_of(call.hook)}});
  Result<std::unique_ptr<HookRun>> run =
      call.hook.url.empty() ? start_command(call, now, log_) : requests_->start(call);
  if (!run) {
    warn("hook failed", call, run.error().message, now);
    return queue_.ended(call);
  }
  running_.push_back({std::move(call), *std::move(run)});
}

bool HookRunner::go_on(SteadyTime now) {
  requests_->go_on();
  return std::erase_if(running_, [&](Running& running) {
           const std::optional<std::string> failure = running.run->go_on(now);
           if (!failure) return false;
           if (!failure->empty()) warn("hook failed", running.call, *failure, now);
           queue_.ended(running.call);
           return true;
         }) > 0;
}

void HookRunner::end_all(SteadyTime now) {
  if (const std::size_t count = queue_.clear(); count > 0)
    log_.warn("hooks left out: the server stops", {{"count", count}});
  for (Running& running : running_) running.run->end("ended, because the server stops", now);
}

void HookRunner::wait(SteadyTime now) {
  SteadyTime until = now + kLongestWait;
  if (end_at_ && now < *end_at_) until = std::min(until, *end_at_);
  std::vector<int> descriptors;
  for (const Running& running : running_) {
    running.run->add_descriptors(descriptors);
    until = std::min(until, running.run->wake_at(now));
  }
  requests_->wait(descriptors, std::chrono::ceil<std::chrono::milliseconds>(until - now));
}

void HookRunner::warn(const char* what, const HookCall& call, const std::string& error,
                      SteadyTime now) {
  const std::string target = target_of(call.hook);
  const std::string text = call.stream + '\n' + call.event + '\n' + target + '\n' + error;
  const std::uint64_t times = warnings_.count(text, now);
  if (times == 0) return;
  log_.warn(what, {{"stream", call.stream},
                   {"event", call.event},
                   {"target", target},
                   {"error", error},
                   {"times", times}});
}

}  // namespace livestream
