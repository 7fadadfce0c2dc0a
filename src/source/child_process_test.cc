#include "source/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/connect_limit.h"

namespace livestream {
namespace {

using ::testing::HasSubstr;

ChildProcess shell(const std::string& script, const ChildProcess::Options& options = {}) {
  auto child = ChildProcess::start("/bin/sh", {"sh", "-c", script}, options);
  EXPECT_TRUE(child) << child.error().message;
  return std::move(*child);
}

// Everything until the other end is closed.
std::string read_all(const UniqueFd& fd) {
  std::string all;
  std::array<char, 4096> buffer{};
  while (true) {
    pollfd wanted{fd.get(), POLLIN, 0};
    ::poll(&wanted, 1, -1);
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got > 0) {
      all.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EAGAIN) {
      return all;
    }
  }
}

ExitStatus wait_for(ChildProcess& child) {
  const UniqueFd notice = child.take_exit_notice();
  while (true) {
    if (const auto status = child.try_reap()) return *status;
    pollfd wanted{notice.get(), POLLIN, 0};
    ::poll(&wanted, notice.valid() ? 1 : 0, notice.valid() ? -1 : 1);
  }
}

bool exists(pid_t pid) { return ::kill(pid, 0) == 0; }

TEST(ChildProcess, GivesItsFourPipesAndItsExitCode) {
  ChildProcess child =
      shell("cat; echo out; echo err >&2; echo progress >&3; exit 7", {.pipes_input = true});
  {
    const UniqueFd input = child.take_input();
    ASSERT_EQ(::write(input.get(), "in\n", 3), 3);
  }
  EXPECT_EQ(read_all(child.take_output()), "in\nout\n");
  EXPECT_EQ(read_all(child.take_errors()), "err\n");
  EXPECT_EQ(read_all(child.take_progress()), "progress\n");
  const ExitStatus status = wait_for(child);
  EXPECT_EQ(status.code, 7);
  EXPECT_EQ(status.describe(), "exit code 7");
}

TEST(ChildProcess, HasOnlyTheFirstThreeDescriptorsWithoutMedia) {
  // A descriptor that could be inherited.
  const UniqueFd other(::dup(1));
  ChildProcess child = shell("for fd in 3 4 5 6 7 8 9; do eval \"echo $fd >&$fd\"; done; echo end",
                             {.pipes_media = false});
  EXPECT_FALSE(child.take_progress().valid());
  EXPECT_EQ(read_all(child.take_output()), "end\n");
  EXPECT_EQ(wait_for(child).code, 0);
}

TEST(ChildProcess, PassesArgumentsUntouched) {
  auto child = ChildProcess::start(
      "/bin/sh", {"sh", "-c", "printf '<%s>' \"$@\"", "sh", "a b", "$(id)", "", "-y"}, {});
  ASSERT_TRUE(child);
  EXPECT_EQ(read_all(child->take_output()), "<a b><$(id)><><-y>");
}

TEST(ChildProcess, ReadsNothingWithoutInput) {
  ChildProcess child = shell("cat; echo end");
  EXPECT_EQ(read_all(child.take_output()), "end\n");
}

TEST(ChildProcess, ReportsWhyExecFailed) {
  const auto missing = ChildProcess::start("/nonexistent/ffmpeg", {"ffmpeg"}, {});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message,
              HasSubstr("/nonexistent/ffmpeg could not be started: No such file"));
  const auto folder = ChildProcess::start("/tmp", {"tmp"}, {});
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("Permission denied"));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a failed start left a child";
  EXPECT_EQ(errno, ECHILD);
}

TEST(ChildProcess, InheritsNoDescriptorOfOurs) {
  const UniqueFd leaky(::fcntl(::open("/dev/null", O_RDONLY), F_DUPFD, 50));  // not close-on-exec
  ChildProcess child =
      shell("for fd in /proc/self/fd/*; do echo ${fd##*/}; done | sort -n | tr '\\n' ' '");
#ifdef __linux__
  // The shell's own pipe and directory may show, ours must not.
  const std::string shown = read_all(child.take_output());
  EXPECT_THAT(shown, testing::Not(HasSubstr("50")));
  EXPECT_THAT(shown, testing::StartsWith("0 1 2 3 "));
#endif
}

TEST(ChildProcess, StartsWithDefaultSignals) {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGTERM, &ignore, &before);
  ChildProcess child = shell("kill -TERM $$; exit 3");
  ::sigaction(SIGTERM, &before, nullptr);
  EXPECT_EQ(wait_for(child).signal, SIGTERM);
}

TEST(ChildProcess, LeadsAGroupThatSignalsReach) {
  ChildProcess child = shell("sleep 60 & echo $!; wait");
  const UniqueFd output = child.take_output();
  std::array<char, 32> text{};
  pollfd wanted{output.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&wanted, 1, 5000), 1);
  ASSERT_GT(::read(output.get(), text.data(), text.size() - 1), 0);
  EXPECT_EQ(::getpgid(child.pid()), child.pid());
  child.signal(SIGTERM);
  EXPECT_EQ(wait_for(child).signal, SIGTERM);
  EXPECT_EQ(read_all(output), "") << "the grandchild still holds the pipe";
}

TEST(ChildProcess, DestructionKillsAndReaps) {
  pid_t pid = 0;
  {
    ChildProcess child = shell("trap '' TERM; sleep 60; sleep 60");
    pid = child.pid();
    EXPECT_TRUE(exists(pid));
  }
  EXPECT_FALSE(exists(pid));
}

#ifdef __linux__
TEST(ChildProcess, DiesWithItsParent) {
  // A middle process starts the child, tells its pid and is killed.
  std::array<int, 2> fds{};
  ASSERT_EQ(::pipe(fds.data()), 0);
  const UniqueFd from_middle(fds[0]);
  UniqueFd to_test(fds[1]);
  const pid_t middle = ::fork();
  if (middle == 0) {
    auto child = ChildProcess::start("/bin/sh", {"sh", "-c", "exec sleep 60"}, {});
    const pid_t pid = child ? child->pid() : 0;
    if (::write(to_test.get(), &pid, sizeof pid) != sizeof pid) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  to_test.reset();
  pid_t grandchild = 0;
  ASSERT_EQ(::read(from_middle.get(), &grandchild, sizeof grandchild),
            static_cast<ssize_t>(sizeof grandchild));
  ASSERT_GT(grandchild, 0);
  const UniqueFd notice(static_cast<int>(::syscall(SYS_pidfd_open, grandchild, 0U)));
  ::kill(middle, SIGKILL);
  ::waitpid(middle, nullptr, 0);
  pollfd wanted{notice.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&wanted, 1, 2000), 1) << "the child outlived its parent";
}

TEST(CpuTime, IsKnownForOurselvesAndNotForNobody) {
  EXPECT_TRUE(cpu_time_of(::getpid()));
  EXPECT_FALSE(cpu_time_of(0));
}
#endif

// As a parent may leave it: then the kernel reaps.
TEST(ChildProcess, EndsAlsoWhereSigchldIsIgnored) {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGCHLD, &ignore, &before);
  ChildProcess child = shell("exit 3");
  const UniqueFd output = child.take_output();
  read_all(output);
  std::optional<ExitStatus> status;
  while (!status) status = child.try_reap();
  ::sigaction(SIGCHLD, &before, nullptr);
  EXPECT_EQ(status->code, ExitStatus::kUnknown);
  EXPECT_EQ(status->describe(), "exit code unknown");
}

TEST(ChildProcess, HasTheEnvironmentWithItsChanges) {
  ::setenv("CHILD_TEST_KEPT", "kept", 1);
  ::setenv("CHILD_TEST_CHANGED", "before", 1);
  ::setenv("CHILD_TEST_REMOVED", "before", 1);
  ChildProcess child = shell(
      "echo $CHILD_TEST_KEPT $CHILD_TEST_CHANGED ${CHILD_TEST_REMOVED-none} $CHILD_TEST_NEW",
      {.environment = {"CHILD_TEST_CHANGED=a=b", "CHILD_TEST_REMOVED", "CHILD_TEST_NEW=new"}});
  EXPECT_EQ(read_all(child.take_output()), "kept a=b none new\n");
  EXPECT_STREQ(::getenv("CHILD_TEST_CHANGED"), "before");
  for (const char* name : {"CHILD_TEST_KEPT", "CHILD_TEST_CHANGED", "CHILD_TEST_REMOVED"})
    ::unsetenv(name);
}

class Listening {
 public:
  explicit Listening(const char* address) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &name.sin_addr);
    socklen_t size = sizeof name;
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
    EXPECT_EQ(::listen(socket_.get(), 5), 0);
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&name), &size), 0);
    port_ = ntohs(name.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  UniqueFd socket_;
  std::uint16_t port_ = 0;
};

TEST(ChildProcess, ConnectsToOnePortOnlyWhereTheSystemCanHoldItToThat) {
  const Listening allowed("127.0.0.1");
  const Listening other("127.0.0.1");
  if (!limit_of_connecting_to(allowed.port()).valid()) GTEST_SKIP() << "no Landlock for TCP";
  const std::string bash = "/bin/bash";
  if (::access(bash.c_str(), X_OK) != 0) GTEST_SKIP() << "no bash";
  const std::string try_both =
      "for port in " + std::to_string(allowed.port()) + " " + std::to_string(other.port()) +
      "; do if (exec 9<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; then echo yes; else echo no; fi; "
      "done";
  const auto outcome = [&](const ChildProcess::Options& options) {
    auto child = ChildProcess::start(bash, {"bash", "-c", try_both}, options);
    EXPECT_TRUE(child);
    return read_all(child->take_output());
  };
  EXPECT_EQ(outcome({}), "yes\nyes\n");
  EXPECT_EQ(outcome({.connects_only_to = allowed.port()}), "yes\nno\n");
}

}  // namespace
}  // namespace livestream
