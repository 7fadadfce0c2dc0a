#include "doctor/tool_run.h"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ToolRunTest : public ::testing::Test {
 protected:
  std::vector<ToolResult> run(const std::vector<ToolCommand>& commands, milliseconds limit) {
    return run_tools(loop_, ffmpeg_starter(loop_), commands, 2, limit);
  }
  boost::asio::io_context loop_;
};

TEST_F(ToolRunTest, GivesTheAnswersInTheOrderOfTheCommands) {
  const auto results = run({{{"/bin/sh", "-c", "sleep 0.2; echo one"}},
                            {{"/bin/sh", "-c", "echo '[error] broken' >&2; exit 3"}},
                            {{"/bin/sh", "-c", "echo three"}}},
                           seconds(10));
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].output, "one\n");
  EXPECT_TRUE(results[0].succeeded());
  EXPECT_FALSE(results[1].succeeded());
  EXPECT_EQ(results[1].exit.code, 3);
  EXPECT_THAT(results[1].errors, ::testing::ElementsAre("broken"));
  EXPECT_EQ(results[2].output, "three\n");
}

TEST_F(ToolRunTest, EndsAProgramThatDoesNot) {
  const auto results = run({{{"/bin/sh", "-c", "sleep 60"}}}, milliseconds(100));
  EXPECT_TRUE(results.front().timed_out);
  EXPECT_FALSE(results.front().succeeded());
}

TEST_F(ToolRunTest, SaysThatAProgramIsMissing) {
  const auto results = run({{{"/no/such/program"}}}, seconds(10));
  EXPECT_THAT(results.front().not_started, ::testing::HasSubstr("there is no such program"));
  EXPECT_FALSE(results.front().succeeded());
}

TEST_F(ToolRunTest, RunsNoMoreThanTheWidthSideBySide) {
  int running = 0;
  int most = 0;
  int ended = 0;
  const Job job = [&](std::function<void()> done) {
    most = std::max(most, ++running);
    boost::asio::post(loop_, [&, done = std::move(done)] {
      --running;
      ++ended;
      done();
    });
  };
  run_side_by_side(loop_, std::vector<Job>(7, job), 3);
  EXPECT_EQ(most, 3);
  EXPECT_EQ(ended, 7);
}

}  // namespace
}  // namespace livestream
