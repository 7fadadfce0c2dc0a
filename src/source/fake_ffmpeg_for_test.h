#pragma once

#include <algorithm>
#include <deque>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
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
  [[nodiscard]] UniqueFd take_input() override { return std::move(input_); }
  void hold(bool now_held) override { held = now_held; }
  void hold_pictures(bool now_held) override { pictures_held = now_held; }
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
  void put_out_pictures(ByteView bytes) {
    if (listener_ != nullptr) listener_->on_pictures(bytes);
  }
  void put_out_sound(ByteView bytes) {
    if (listener_ != nullptr) listener_->on_sound(bytes);
  }
  void put_out_copied_sound(ByteView bytes) {
    if (listener_ != nullptr) listener_->on_copied_sound(bytes);
  }
  // Gives it a standard input that can be read.
  void open_input() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return;
    input_end_ = UniqueFd(ends[0]);
    input_ = UniqueFd(ends[1]);
  }
  // All that its standard input holds at present.
  [[nodiscard]] Bytes read_input() const {
    Bytes bytes(std::size_t{1} << 20);
    const ssize_t size = ::read(input_end_.get(), bytes.data(), bytes.size());
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
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
  bool pictures_held = false;
  bool stopped = false;
  bool killed = false;

 private:
  const int pid_;
  Listener* listener_;
  UniqueFd input_;
  UniqueFd input_end_;
  std::deque<std::string> errors_;
};

// All that a test's subject has started.
class FakeFfmpegs {
 public:
  [[nodiscard]] FfmpegStarter starter() {
    return [this](const std::vector<std::string>& arguments, const ChildProcess::Options&,
                  FfmpegProcess::Listener& listener) -> Result<std::shared_ptr<FfmpegProcess>> {
      if (!refusal_.empty()) return fail(refusal_);
      auto& kind = is_carrier(arguments) ? carriers_ : started_;
      kind.push_back(
          std::make_shared<FakeFfmpeg>(arguments, static_cast<int>(kind.size()) + 1, listener));
      if (opens_inputs) kind.back()->open_input();
      return kind.back();
    };
  }
  // Whether those that are started from now on can be written to.
  bool opens_inputs = false;
  // No further start works; an empty reason: starts work again.
  void refuse_with(std::string reason) { refusal_ = std::move(reason); }
  [[nodiscard]] std::size_t count() const { return started_.size(); }
  [[nodiscard]] FakeFfmpeg& last() { return *started_.back(); }
  [[nodiscard]] FakeFfmpeg& at(std::size_t index) { return *started_.at(index); }
  // The newest that fetches a source for another one (SourceCarrier); the others count above.
  [[nodiscard]] FakeFfmpeg& last_carrier() { return *carriers_.back(); }

 private:
  static bool is_carrier(const std::vector<std::string>& arguments) {
    return std::find(arguments.begin(), arguments.end(), "data") != arguments.end();
  }

  std::vector<std::shared_ptr<FakeFfmpeg>> carriers_;
  std::vector<std::shared_ptr<FakeFfmpeg>> started_;
  std::string refusal_;
};

}  // namespace livestream
