#include "doctor/tool_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace livestream {
namespace {

// For children that were killed, to be reaped.
constexpr std::chrono::milliseconds kLeftovers{500};

class ToolRun final : private FfmpegProcess::Listener {
 public:
  ToolRun(boost::asio::io_context& loop, ToolResult& result)
      : loop_(loop), result_(result), limit_(loop) {}

  void start(const FfmpegStarter& starter, const ToolCommand& command,
             std::chrono::milliseconds limit, std::function<void()> done) {
    done_ = std::move(done);
    auto process = starter(command.arguments, {.memory_mb = command.memory_mb}, *this);
    if (!process) {
      result_.not_started = process.error().message;
      return boost::asio::post(loop_, done_);
    }
    process_ = std::move(*process);
    limit_.expires_after(limit);
    limit_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled || !process_) return;
      result_.timed_out = true;
      process_->kill();
    });
  }

 private:
  void on_log(const StderrLine& line) override {
    if (result_.log.size() < ToolResult::kMostOutput) result_.log += line.text + "\n";
  }
  void on_input(const InputFacts&) override {}
  void on_output(ByteView bytes) override {
    const std::size_t room = ToolResult::kMostOutput - result_.output.size();
    result_.output.append(reinterpret_cast<const char*>(bytes.data()),
                          std::min(room, bytes.size()));
  }
  void on_progress(const Progress&) override {}
  void on_ended(const ExitStatus& status) override {
    limit_.cancel();
    result_.exit = status;
    result_.errors = process_->errors();
    process_.reset();
    boost::asio::post(loop_, done_);
  }

  boost::asio::io_context& loop_;
  ToolResult& result_;
  std::function<void()> done_;
  boost::asio::steady_timer limit_;
  std::shared_ptr<FfmpegProcess> process_;
};

}  // namespace

void run_side_by_side(boost::asio::io_context& loop, std::vector<Job> jobs, std::size_t width) {
  std::size_t next = 0;
  std::size_t unfinished = jobs.size();
  const std::function<void()> start_next = [&] {
    if (next == jobs.size()) return;
    jobs[next++]([&] {
      --unfinished;
      start_next();
    });
  };
  for (std::size_t i = 0; i < width; ++i) start_next();
  loop.restart();
  while (unfinished > 0 && loop.run_one() > 0) {
  }
  loop.run_for(kLeftovers);
}

std::vector<ToolResult> run_tools(boost::asio::io_context& loop, const FfmpegStarter& starter,
                                  const std::vector<ToolCommand>& commands, std::size_t width,
                                  std::chrono::milliseconds limit) {
  std::vector<ToolResult> results(commands.size());
  std::vector<std::unique_ptr<ToolRun>> runs;
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    runs.push_back(std::make_unique<ToolRun>(loop, results[i]));
    jobs.emplace_back([&, i](std::function<void()> done) {
      runs[i]->start(starter, commands[i], limit, std::move(done));
    });
  }
  run_side_by_side(loop, std::move(jobs), width);
  return results;
}

}  // namespace livestream
