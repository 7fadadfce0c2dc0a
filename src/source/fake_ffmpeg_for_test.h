#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "source/ffmpeg_run.h"

namespace livestream {

// A stand-in for one ffmpeg, so that those who run it are tested without a process: the test says
// what it writes and how it ends.
class FakeFfmpeg final : public FfmpegProcess {
 public:
  FakeFfmpeg(std::vector<std::string> argv, int number, Listener& listener)
      : arguments(std::move(argv)), pid_(number), listener_(&listener) {}

  [[nodiscard]] int pid() const override { return pid_; }
  [[nodiscard]] const std::deque<std::string>& errors() const override { return errors_; }
  [[nodiscard]] bool went_on_without_output() const override { return false; }
  [[nodiscard]] UniqueFd take_input() override { return UniqueFd(); }
  void hold(bool now_held) override { held = now_held; }
  void stop() override { stopped = true; }
  void kill() override { killed = true; }
  void forget_listener() override { listener_ = nullptr; }

  void say(std::string text, LogLevel level = LogLevel::kDebug) {
    if (level == LogLevel::kError) errors_.push_back(text);
    if (listener_ != nullptr) listener_->on_log({.level = level, .text = std::move(text)});
  }
  void describe_input(const InputFacts& facts) {
    if (listener_ != nullptr) listener_->on_input(facts);
  }
  void put_out(std::string_view bytes) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    put_out(ByteView(data, bytes.size()));
  }
  void put_out(ByteView bytes) {
    if (listener_ != nullptr) listener_->on_output(bytes);
  }
  void put_out_sound(ByteView bytes) {
    if (listener_ != nullptr) listener_->on_sound(bytes);
  }
  void report(const Progress& progress) {
    if (listener_ != nullptr) listener_->on_progress(progress);
  }
  void end(const ExitStatus& status) {
    alive = false;
    if (listener_ != nullptr) listener_->on_ended(status);
  }

  const std::vector<std::string> arguments;
  bool alive = true;
  bool held = false;
  bool stopped = false;
  bool killed = false;

 private:
  const int pid_;
  Listener* listener_;
  std::deque<std::string> errors_;
};

// All that a test's subject has started.
class FakeFfmpegs {
 public:
  [[nodiscard]] FfmpegStarter starter() {
    return [this](const std::vector<std::string>& arguments, const ChildProcess::Options&,
                  FfmpegProcess::Listener& listener) -> Result<std::shared_ptr<FfmpegProcess>> {
      if (!refusal_.empty()) return fail(refusal_);
      started_.push_back(
          std::make_shared<FakeFfmpeg>(arguments, static_cast<int>(started_.size()) + 1, listener));
      return started_.back();
    };
  }
  // No further start works; an empty reason: starts work again.
  void refuse_with(std::string reason) { refusal_ = std::move(reason); }
  [[nodiscard]] std::size_t count() const { return started_.size(); }
  [[nodiscard]] FakeFfmpeg& last() { return *started_.back(); }
  [[nodiscard]] FakeFfmpeg& at(std::size_t index) { return *started_.at(index); }

 private:
  std::vector<std::shared_ptr<FakeFfmpeg>> started_;
  std::string refusal_;
};

}  // namespace livestream
