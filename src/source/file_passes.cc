#include "source/file_passes.h"

#include <chrono>
#include <utility>

namespace livestream {
namespace {

// A snapshot address, or one of a clip that is shorter than this, is asked this often.
constexpr std::chrono::seconds kSnapshotPoll{1};
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

void FilePasses::on_read(const SourceRun& played) {
  if (!opener_.is_still_picture(played) && !was_asked_lately(played)) open();
}

void FilePasses::on_played_out(const SourceRun& played) {
  const bool is_still = opener_.is_still_picture(played);
  const bool is_polled = is_http() && (is_still || failure_.empty());
  if (next_) return play();
  if (!is_still && !is_polled) return owner_.on_no_pass(failure_);
  if (is_polled) due_ = played.started_at() + kSnapshotPoll;
}

// The pass that is being played goes on to its end first, and a still picture stands on.
void FilePasses::on_failed(const std::string& reason, bool played_out) {
  failure_ = reason;
  retire(loop_, next_);
  if (!played_out || !is_http()) return;
  if (++failed_polls_ >= kMostFailedPolls) return owner_.on_no_pass(reason);
  due_ = clock_.now() + kSnapshotPoll;
}

void FilePasses::tick() {
  const SteadyTime now = clock_.now();
  if (next_) {
    if (next_->pictures_read() > 0) return play();
    const auto patience = opener_.patience().first_packet;
    if (now - next_->started_at() > patience) next_->end(next_->silence_for(patience));
    return;
  }
  if (!opener_.file_has_changed() && !(due_ && now >= *due_)) return;
  due_.reset();
  open();
}

// A server whose answer is shorter than the interval is not asked again at once.
bool FilePasses::was_asked_lately(const SourceRun& run) const {
  return is_http() && clock_.now() - run.started_at() < kSnapshotPoll;
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
  if (!pass->alive() && !opener_.is_still_picture(*pass) && !was_asked_lately(*pass)) open();
  owner_.play_pass(std::move(pass));
}

}  // namespace livestream
