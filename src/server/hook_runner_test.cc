#include "server/hook_runner.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/unique_fd.h"

// With real commands; tests/integration/hooks.test.mjs has HTTP servers too.

namespace livestream {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

class HookRunnerTest : public testing::Test {
 protected:
  HookRunnerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hooks-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    // As in the server: a command need not read its input.
    std::signal(SIGPIPE, SIG_IGN);
  }
  ~HookRunnerTest() override { std::filesystem::remove_all(directory_); }

  // Runs a script; in it `$1` is the path of a file for its words.
  void run(const std::string& stream, const std::string& script,
           milliseconds timeout = std::chrono::seconds(10)) {
    runner_.run({.stream = stream,
                 .event = "source_up",
                 .hook = {.command = {"/bin/sh", "-c", script, "sh", directory_ + "/words"}},
                 .timeout = timeout});
  }
  [[nodiscard]] std::vector<std::string> words() const {
    std::ifstream file(directory_ + "/words");
    return {std::istream_iterator<std::string>(file), {}};
  }
  void wait_for_words(std::size_t count) const {
    while (words().size() < count) std::this_thread::sleep_for(milliseconds(2));
  }

  SystemClock clock_;
  std::string directory_;
  HookRunner runner_{clock_, Log::silent()};
};

TEST_F(HookRunnerTest, RunsThoseOfAStreamInTheirOrder) {
  run("a", "sleep 0.2; echo first >> $1");
  run("a", "echo second >> $1");
  run("b", "echo other >> $1");
  wait_for_words(3);
  EXPECT_THAT(words(), ElementsAre("other", "first", "second"));
}

TEST_F(HookRunnerTest, EndsACommandThatTakesTooLong) {
  run("a", "trap '' TERM; echo $$ >> $1; while :; do sleep 1; done", milliseconds(100));
  run("a", "echo next >> $1");
  wait_for_words(2);
  EXPECT_NE(::kill(std::stoi(words().front()), 0), 0) << "it is gone before the next one starts";
  EXPECT_EQ(words().back(), "next");
}

TEST_F(HookRunnerTest, GoesOnAfterACommandThatCannotStart) {
  runner_.run({.stream = "a",
               .event = "source_up",
               .hook = {.command = {"/nonexistent/program"}},
               .timeout = milliseconds(100)});
  run("a", "echo next >> $1");
  wait_for_words(1);
}

// Takes connections and never answers.
class SilentServer {
 public:
  SilentServer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_.get(), any, size), 0);
    EXPECT_EQ(::listen(socket_.get(), 8), 0);
    EXPECT_EQ(::getsockname(socket_.get(), any, &size), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  UniqueFd socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::string url_;
};

TEST_F(HookRunnerTest, GivesUpARequestWithoutAnAnswer) {
  const SilentServer server;
  runner_.run({.stream = "a",
               .event = "source_up",
               .hook = {.url = server.url()},
               .timeout = milliseconds(100)});
  run("a", "echo next >> $1");
  wait_for_words(1);
  runner_.run({.stream = "a",
               .event = "source_up",
               .hook = {.url = server.url()},
               .timeout = std::chrono::seconds(100)});
  const SteadyTime begun = clock_.now();
  runner_.stop();
  runner_.join();
  EXPECT_LT(clock_.now() - begun, HookRunner::kLastMoment + std::chrono::seconds(1));
}

TEST_F(HookRunnerTest, TakesAnyAmountOfOutput) {
  run("a", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; echo done >> $1");
  wait_for_words(1);
}

TEST_F(HookRunnerTest, LeavesNothingBehindWhenItStops) {
  run("a", "echo $$ >> $1; sleep 100 & wait");
  run("b", "sleep 0.1; echo finished >> $1");
  wait_for_words(1);
  runner_.stop();
  run("c", "echo late >> $1");
  const SteadyTime begun = clock_.now();
  runner_.join();
  EXPECT_LT(clock_.now() - begun, HookRunner::kLastMoment + std::chrono::seconds(1));
  ASSERT_EQ(words().size(), 2U);
  const std::vector<std::string> said = words();
  const std::string& pid = said[0] == "finished" ? said[1] : said[0];
  EXPECT_NE(::kill(std::stoi(pid), 0), 0);
}

}  // namespace
}  // namespace livestream
