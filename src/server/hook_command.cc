#include "server/hook_command.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/mask.h"
#include "source/child_process.h"

namespace livestream {
namespace {

// For a system that does not tell when a child has ended.
constexpr std::chrono::milliseconds kExitPoll{20};
// Of its output for one turn, so that a command that floods us holds up no other.
constexpr std::size_t kMostAtOnce = 1 << 16;
constexpr std::size_t kLongestLine = 500;
constexpr int kMostLines = 50;

// The text that a command writes to one of its pipes, line by line to the log.
class Output {
 public:
  Output(UniqueFd pipe, const HookCall& call, Log log)
      : pipe_(std::move(pipe)), stream_(call.stream), event_(call.event), log_(std::move(log)) {}

  [[nodiscard]] int descriptor() const { return pipe_.get(); }
  [[nodiscard]] const std::string& last_line() const { return last_line_; }

  // Reads what is there.
  void read() {
    std::array<char, 1 << 12> bytes;
    for (std::size_t total = 0; pipe_.valid() && total < kMostAtOnce;) {
      const ssize_t got = ::read(pipe_.get(), bytes.data(), bytes.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (got <= 0) return pipe_.reset();
      total += static_cast<std::size_t>(got);
      take({bytes.data(), static_cast<std::size_t>(got)});
    }
  }

  void finish() {
    read();
    end_line();
  }

 private:
  void take(std::string_view bytes) {
    for (const char c : bytes) {
      if (c == '\n') {
        end_line();
      } else if (line_.size() < kLongestLine) {
        line_.push_back(c);
      }
    }
  }

  void end_line() {
    if (line_.empty()) return;
    last_line_ = mask_credentials(std::exchange(line_, {}));
    if (lines_++ < kMostLines)
      log_.debug("hook: " + last_line_, {{"stream", stream_}, {"event", event_}});
  }

  UniqueFd pipe_;
  const std::string stream_;
  const std::string event_;
  const Log log_;
  std::string line_;
  std::string last_line_;
  int lines_ = 0;
};

class HookCommand final : public HookRun {
 public:
  HookCommand(ChildProcess child, const HookCall& call, SteadyTime now, const Log& log)
      : child_(std::move(child)),
        exit_notice_(child_.take_exit_notice()),
        output_(child_.take_output(), call, log),
        errors_(child_.take_errors(), call, log),
        timeout_(call.timeout),
        limit_(now + call.timeout) {
    // A pipe takes this much at once; a command need not read it.
    const UniqueFd input = child_.take_input();
    const std::string facts = facts_of(call) + '\n';
    const ssize_t ignored = ::write(input.get(), facts.data(), facts.size());
    (void)ignored;
  }

  [[nodiscard]] std::optional<std::string> go_on(SteadyTime now) override {
    output_.read();
    errors_.read();
    if (const std::optional<ExitStatus> status = child_.try_reap()) return outcome(*status);
    if (!kill_at_ && now >= limit_) end("took longer than " + seconds_of(timeout_), now);
    if (kill_at_ && now >= *kill_at_) {
      child_.signal(SIGKILL);
      kill_at_ = now + kCommandGrace;
    }
    return std::nullopt;
  }

  void end(std::string why, SteadyTime now) override {
    if (kill_at_) return;
    ended_because_ = std::move(why);
    kill_at_ = now + kCommandGrace;
    child_.signal(SIGTERM);
  }

  void add_descriptors(std::vector<int>& descriptors) const override {
    for (const int descriptor : {exit_notice_.get(), output_.descriptor(), errors_.descriptor()}) {
      if (descriptor >= 0) descriptors.push_back(descriptor);
    }
  }

  [[nodiscard]] SteadyTime wake_at(SteadyTime now) const override {
    const SteadyTime next = kill_at_.value_or(limit_);
    return exit_notice_.valid() ? next : std::min(next, now + kExitPoll);
  }

 private:
  [[nodiscard]] std::string outcome(const ExitStatus& status) {
    output_.finish();
    errors_.finish();
    if (!ended_because_.empty()) return ended_because_;
    // Unknown: another reaped it.
    if (status.signal == 0 && (status.code == 0 || status.code == ExitStatus::kUnknown)) return {};
    const std::string& said =
        errors_.last_line().empty() ? output_.last_line() : errors_.last_line();
    return said.empty() ? status.describe() : fmt::format("{}: {}", status.describe(), said);
  }

  ChildProcess child_;
  const UniqueFd exit_notice_;
  Output output_;
  Output errors_;
  const std::chrono::milliseconds timeout_;
  const SteadyTime limit_;
  // Set by end(): the command has got SIGTERM.
  std::optional<SteadyTime> kill_at_;
  std::string ended_because_;
};

}  // namespace

Result<std::unique_ptr<HookRun>> start_command(const HookCall& call, SteadyTime now,
                                               const Log& log) {
  const std::vector<std::string>& command = call.hook.command;
  const std::optional<std::string> program = path_of_program(command.front());
  if (!program) return fail("there is no such program");
  Result<ChildProcess> child = ChildProcess::start(
      *program, command,
      {.pipes_input = true, .pipes_media = false, .environment = variables_of(call)});
  if (!child) return fail(mask_credentials(child.error().message));
  return std::make_unique<HookCommand>(std::move(*child), call, now, log);
}

}  // namespace livestream
