#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "source/child_process.h"
#include "source/ffmpeg_run.h"

namespace livestream {

// The end of an ffmpeg that was run for its answer.
struct ToolResult {
  // Why the program could not be started; else empty.
  std::string not_started;
  // It did not end within the limit, and was killed.
  bool timed_out = false;
  ExitStatus exit;
  // Its log, line by line, without levels.
  std::string log;
  // Its output, cut after kMostOutput.
  std::string output;
  // Its errors, oldest first.
  std::deque<std::string> errors;

  [[nodiscard]] bool succeeded() const {
    return not_started.empty() && !timed_out && exit.code == 0 && exit.signal == 0;
  }

  static constexpr std::size_t kMostOutput = std::size_t{1} << 20;
};

struct ToolCommand {
  // The whole argv.
  std::vector<std::string> arguments;
  std::uint32_t memory_mb = 0;
};

// Runs the commands, at most `width` side by side and each for at most `limit`; the results are in
// the order of the commands. Runs the loop, and blocks until all have ended.
[[nodiscard]] std::vector<ToolResult> run_tools(boost::asio::io_context& loop,
                                                const FfmpegStarter& starter,
                                                const std::vector<ToolCommand>& commands,
                                                std::size_t width, std::chrono::milliseconds limit);

// A piece of work that ends later: it calls its argument once, from the loop.
using Job = std::function<void(std::function<void()> done)>;

// Starts the jobs, at most `width` side by side. Runs the loop until all have called `done`,
// and at most half a second longer for what they leave in it.
void run_side_by_side(boost::asio::io_context& loop, std::vector<Job> jobs, std::size_t width);

}  // namespace livestream
