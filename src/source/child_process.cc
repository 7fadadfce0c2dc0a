#include "source/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "source/connect_limit.h"

// POSIX leaves the declaration to the program.
extern char** environ;

namespace livestream {
namespace {

// Ours are kept above the numbers that the child is given, so that giving them cannot overwrite
// one.
constexpr int kFirstOwnFd = 10;
constexpr int kStatusFd = 7;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

const char* cure_for(int error) {
  switch (error) {
    case EAGAIN:
      return " (raise the limit of processes: ulimit -u, or TasksMax in a systemd unit)";
    case EMFILE:
      return " (raise the limit of open files: ulimit -n, or LimitNOFILE in a systemd unit)";
    case ENFILE:
      return " (raise the machine's limit of open files: sysctl fs.file-max)";
    case ENOMEM:
      return " (this machine is out of memory)";
    default:
      return "";
  }
}

tl::unexpected<Error> not_started(const std::string& program, int error) {
  return fail(
      fmt::format("{} could not be started: {}{}", program, std::strerror(error), cure_for(error)));
}

Result<Pipe> make_pipe(const std::string& program) {
  std::array<int, 2> fds{};
  if (::pipe(fds.data()) != 0) return not_started(program, errno);
  const UniqueFd low_read(fds[0]);
  const UniqueFd low_write(fds[1]);
  Pipe pipe{UniqueFd(::fcntl(low_read.get(), F_DUPFD_CLOEXEC, kFirstOwnFd)),
            UniqueFd(::fcntl(low_write.get(), F_DUPFD_CLOEXEC, kFirstOwnFd))};
  if (!pipe.read.valid() || !pipe.write.valid()) return not_started(program, errno);
  return pipe;
}

struct Pipes {
  // Both ends invalid where the child's standard input is empty.
  Pipe input;
  Pipe output;
  Pipe errors;
  // These three invalid where the child has none.
  Pipe progress;
  Pipe sound;
  Pipe pictures;
  Pipe copied_sound;
  // Tells whether exec has worked.
  Pipe status;
};

Result<Pipes> make_pipes(const std::string& program, const ChildProcess::Options& options) {
  Pipes pipes;
  for (Pipe* pipe : {&pipes.input, &pipes.output, &pipes.errors, &pipes.progress, &pipes.sound,
                     &pipes.pictures, &pipes.copied_sound, &pipes.status}) {
    const bool is_input = pipe == &pipes.input;
    const bool is_media = pipe == &pipes.progress || pipe == &pipes.sound ||
                          pipe == &pipes.pictures || pipe == &pipes.copied_sound;
    if ((is_input && !options.pipes_input) || (is_media && !options.pipes_media)) continue;
    Result<Pipe> made = make_pipe(program);
    if (!made) return tl::unexpected(made.error());
    *pipe = std::move(*made);
  }
  return pipes;
}

void set_nonblocking(const UniqueFd& fd) {
  if (fd.valid()) ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

void close_from(int first) {
#if defined(__linux__) && defined(SYS_close_range)
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
#endif
  const long limit = ::sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < std::min(limit, 65536L); ++fd) ::close(fd);
}

// All that the child needs until exec, made before the fork: the child shares this process's memory
// and holds whatever locks its other threads had, so it may only make system calls and write to its
// own stack.
struct ExecPlan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int input;  // -1: null
  int output;
  int errors;
  int progress;  // -1: none, as the next three
  int sound;
  int pictures;
  int copied_sound;
  int status;
  pid_t parent;
  rlim_t memory_bytes;  // 0: no limit
  int connect_limit;    // -1: none
};

[[noreturn]] void give_up(int status_fd) {
  const int error = errno;
  const ssize_t ignored = ::write(status_fd, &error, sizeof error);
  (void)ignored;
  ::_exit(127);
}

// Never more than there was: raising a hard limit takes rights.
void limit(int resource, rlim_t most) {
  rlimit current{};
  if (::getrlimit(resource, &current) != 0) return;
  const rlim_t value = std::min(current.rlim_max, most);
  const rlimit lowered{value, value};
  ::setrlimit(resource, &lowered);
}

#ifdef __linux__
// When memory runs out, this is to go and not the server, which starts another one.
void offer_to_oom_killer() {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  const ssize_t ignored = ::write(file, "800", 3);
  (void)ignored;
  ::close(file);
}
#endif

// False when the child cannot have it. -1: it does not have any there.
bool give(int own, int number) {
  if (own >= 0) return ::dup2(own, number) >= 0;
  ::close(number);
  return true;
}

[[noreturn]] void run_child(const ExecPlan& plan) {
  ::setpgid(0, 0);
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (::getppid() != plan.parent) ::_exit(127);  // the parent died before it could be watched
  offer_to_oom_killer();
#endif
  if (plan.connect_limit >= 0) keep_to(plan.connect_limit);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, ChildProcess::kMaxOpenFiles);
  if (plan.memory_bytes > 0) limit(RLIMIT_DATA, plan.memory_bytes);
  struct sigaction default_action {};
  default_action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &default_action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  const int input = plan.input >= 0 ? plan.input : ::open("/dev/null", O_RDONLY);
  if (input < 0 || ::dup2(input, 0) < 0 || ::dup2(plan.output, 1) < 0 ||
      ::dup2(plan.errors, 2) < 0 || !give(plan.progress, 3) || !give(plan.sound, 4) ||
      !give(plan.pictures, 5) || !give(plan.copied_sound, 6) ||
      ::dup2(plan.status, kStatusFd) < 0) {
    give_up(plan.status);
  }
  ::fcntl(kStatusFd, F_SETFD, FD_CLOEXEC);
  close_from(kStatusFd + 1);
  ::execve(plan.program, plan.arguments, plan.environment);
  give_up(kStatusFd);
}

// Starts the child without a copy of this process's page tables, which takes up to 100 ms in a
// large process: until exec the child uses this process's memory and this frame, and this thread
// waits.
Result<pid_t> spawn(const ExecPlan& plan) {
  // No signal may reach a handler of ours in the child before it has put them back.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
#ifdef __linux__
  const pid_t pid = ::vfork();
#else
  const pid_t pid = ::fork();
#endif
  if (pid == 0) run_child(plan);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return not_started(plan.program, error);
  return pid;
}

// 0 once exec has worked (its close-on-exec end is gone), else the errno of what failed.
int exec_error(const UniqueFd& status) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(status.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof error) ? error : 0;
}

ExitStatus to_exit_status(int status) {
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

// This process's environment with the changes.
std::vector<std::string> changed_environment(const std::vector<std::string>& changes) {
  const auto name_of = [](std::string_view entry) { return entry.substr(0, entry.find('=')); };
  std::vector<std::string> result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const bool changes_it =
        std::any_of(changes.begin(), changes.end(),
                    [&](const std::string& change) { return name_of(change) == name_of(*entry); });
    if (!changes_it) result.emplace_back(*entry);
  }
  for (const std::string& change : changes) {
    if (change.find('=') != std::string::npos) result.push_back(change);
  }
  return result;
}

// As exec takes them; they live as long as `texts`.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::string ExitStatus::describe() const {
  if (signal != 0) return fmt::format("signal {}", signal);
  return code == kUnknown ? "exit code unknown" : fmt::format("exit code {}", code);
}

Result<ChildProcess> ChildProcess::start(const std::string& program,
                                         const std::vector<std::string>& arguments,
                                         const Options& options) {
  Result<Pipes> pipes = make_pipes(program, options);
  if (!pipes) return tl::unexpected(pipes.error());
  const std::vector<char*> argv = pointers_to(arguments);
  const std::vector<std::string> variables = changed_environment(options.environment);
  const std::vector<char*> environment = pointers_to(variables);
  UniqueFd connect_limit;
  if (options.connects_only_to != 0)
    connect_limit = limit_of_connecting_to(options.connects_only_to);
  const ExecPlan plan = {.program = program.c_str(),
                         .arguments = argv.data(),
                         .environment = environment.data(),
                         .input = pipes->input.read.get(),
                         .output = pipes->output.write.get(),
                         .errors = pipes->errors.write.get(),
                         .progress = pipes->progress.write.get(),
                         .sound = pipes->sound.write.get(),
                         .pictures = pipes->pictures.write.get(),
                         .copied_sound = pipes->copied_sound.write.get(),
                         .status = pipes->status.write.get(),
                         .parent = ::getpid(),
                         .memory_bytes = rlim_t{options.memory_mb} << 20,
                         .connect_limit = connect_limit.get()};
  const Result<pid_t> pid = spawn(plan);
  if (!pid) return tl::unexpected(pid.error());

  ChildProcess child(*pid);
  ::setpgid(*pid, *pid);  // both sides do it, in either order
  pipes->status.write.reset();
  if (const int error = exec_error(pipes->status.read); error != 0)
    return not_started(program, error);
  child.input_ = std::move(pipes->input.write);
  child.output_ = std::move(pipes->output.read);
  child.errors_ = std::move(pipes->errors.read);
  child.progress_ = std::move(pipes->progress.read);
  child.sound_ = std::move(pipes->sound.read);
  child.pictures_ = std::move(pipes->pictures.read);
  child.copied_sound_ = std::move(pipes->copied_sound.read);
  child.prepare_for_loop();
  return child;
}

void ChildProcess::prepare_for_loop() {
  for (const UniqueFd* fd :
       {&input_, &output_, &errors_, &progress_, &sound_, &pictures_, &copied_sound_})
    set_nonblocking(*fd);
#ifdef __linux__
  // A large frame then needs no second turn of the loop. The system may refuse it.
  ::fcntl(output_.get(), F_SETPIPE_SZ, 1 << 20);
#ifdef SYS_pidfd_open
  exit_notice_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0U)));
#endif
#endif
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)),
      progress_(std::move(other.progress_)),
      sound_(std::move(other.sound_)),
      pictures_(std::move(other.pictures_)),
      copied_sound_(std::move(other.copied_sound_)),
      exit_notice_(std::move(other.exit_notice_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ == 0) return;
  signal(SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::signal(int number) const {
  if (pid_ == 0) return;
  // The group does not exist for the instant before the child's setpgid.
  if (::kill(-pid_, number) != 0) ::kill(pid_, number);
}

std::optional<ExitStatus> ChildProcess::try_reap() {
  if (pid_ == 0) return std::nullopt;
  int status = 0;
  const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
  // A parent that ignores SIGCHLD has its children reaped by the kernel: how they ended is not
  // known.
  const bool gone = reaped < 0 && errno == ECHILD;
  if (reaped != pid_ && !gone) return std::nullopt;
  // Helpers that it may have left behind; once the kernel has reaped it, its number may be another
  // process's.
  if (!gone) ::kill(-pid_, SIGKILL);
  pid_ = 0;
  return gone ? ExitStatus{.code = ExitStatus::kUnknown} : to_exit_status(status);
}

std::optional<std::string> path_of_program(const std::string& name) {
  const auto runnable = [](const std::string& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (name.find('/') != std::string::npos) {
    if (runnable(name)) return name;
    return std::nullopt;
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (runnable(candidate)) return candidate;
  }
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> cpu_time_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::size_t name_end = line.rfind(')');  // the name itself may hold spaces and brackets
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    fields >> skipped;  // state .. cmajflt; utime and stime follow (proc(5))
  long user_ticks = 0;
  long system_ticks = 0;
  const long ticks_per_second = ::sysconf(_SC_CLK_TCK);
  if (!(fields >> user_ticks >> system_ticks) || ticks_per_second <= 0) return std::nullopt;
  return std::chrono::milliseconds((user_ticks + system_ticks) * 1000 / ticks_per_second);
}

}  // namespace livestream
