#include "source/file_passes.h"

#include <chrono>
#include <utility>

namespace livestream {
namespace {

// A server is asked this often at most; a snapshot address just as often.
constexpr std::chrono::seconds kPoll{1};
// So many answers in a row without a picture, and the snapshot address counts as away.
constexpr int kMostFailedPolls = 5;

}  // namespace

void FilePasses::forget() {
  retire(loop_, next_);
  due_.reset();
  failure_.clear();
}

void FilePasses::open_again() {
  retire(loop_, next_);
  open();
}

void FilePasses::on_read(const SourceRun& played) { open_after(played); }

void FilePasses::on_played_out(const SourceRun& played) {
  const bool is_still = opener_.is_still_picture(played);
  const bool is_polled = is_http() && (is_still || failure_.empty());
  if (next_ && opener_.file_has_changed()) return open_again();
  if (next_) return play();
  if (!is_still && !is_polled) return owner_.on_no_pass(failure_);
  if (is_polled) due_ = played.started_at() + kPoll;
}

// The pass that is being played goes on to its end first, and a still picture stands on.
void FilePasses::on_failed(const std::string& reason, bool played_out) {
  failure_ = reason;
  retire(loop_, next_);
  if (!played_out || !is_http()) return;
  if (++failed_polls_ >= kMostFailedPolls) return owner_.on_no_pass(reason);
  due_ = clock_.now() + kPoll;
}

void FilePasses::tick(const SourceRun& played) {
  const SteadyTime now = clock_.now();
  if (next_) {
    if (!played.is_played_out()) return;
    if (next_->pictures_read() > 0) return play();
    const auto patience = opener_.patience().first_packet;
    if (now - next_->started_at() > patience) next_->end(next_->silence_for(patience));
    return;
  }
  const bool changed = played.is_played_out() && opener_.file_has_changed();
  if (!changed && !(due_ && now >= *due_)) return;
  due_.reset();
  open();
}

void FilePasses::open_after(const SourceRun& run) {
  if (opener_.is_still_picture(run)) return;
  const SteadyTime due = run.started_at() + kPoll;
  if (!is_http() || clock_.now() >= due) return open();
  due_ = due;
}

void FilePasses::open() {
  auto run = owner_.open_pass();
  if (run) {
    next_ = std::move(*run);
    failure_.clear();
  } else {
    failure_ = run.error().message;
  }
}

void FilePasses::play() {
  std::unique_ptr<SourceRun> pass = std::move(next_);
  // A short file has been read whole before its turn.
  if (!pass->alive()) open_after(*pass);
  owner_.play_pass(std::move(pass));
}

}  // namespace livestream
