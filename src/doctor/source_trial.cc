#include "doctor/source_trial.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "base/mask.h"
#include "source/encoder_arguments.h"
#include "source/run_lessons.h"

namespace livestream {
namespace {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Pictures from one look at the processor time to the next.
constexpr std::uint64_t kSampleEvery = 5;
// Fewer pictures than these tell nothing about the cost of one.
constexpr std::uint64_t kEnoughPictures = 15;
// A shorter look tells nothing about the speed.
constexpr milliseconds kEnoughTime{1000};

}  // namespace

SourceTrial::SourceTrial(Parts parts, StreamSettings settings, SourceSpec source, Limits limits)
    : parts_(std::move(parts)),
      settings_(std::move(settings)),
      limits_(limits),
      stream_(settings_.name, "1"),
      writer_(stream_, parts_.clock),
      opener_(parts_.loop, parts_.clock, parts_.ffmpeg, writer_, settings_.source,
              settings_.encoding, std::move(source)),
      timer_(parts_.loop) {
  writer_.set_source(this, rate_of_encoder(settings_.encoding));
  opener_.facts().ffmpeg = parts_.info;
}

SourceTrial::~SourceTrial() { writer_.set_listener(nullptr); }

void SourceTrial::start(Done done) {
  done_ = std::move(done);
  began_ = parts_.clock.now();
  timer_.expires_after(limits_.total);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) on_time();
  });
  attempt();
}

void SourceTrial::attempt() {
  const Result<bool> ready = opener_.is_ready();
  if (!ready) return conclude(ready.error().message);
  if (!*ready) {
    findings_.waits = true;
    return conclude(fmt::format("waiting for {} to be written", opener_.source().location));
  }
  auto run = opener_.open(*this);
  if (!run) return conclude(run.error().message);
  retire(parts_.loop, current_);
  current_ = std::move(*run);
  first_picture_.reset();
  first_sample_.reset();
  last_sample_.reset();
  findings_.gop_frames = gop_ = pictures_shown_ = 0;
  complaints_ = 0;
  writer_.begin_run();
  current_->play();
}

void SourceTrial::on_log(SourceRun& run, const StderrLine& line) {
  if (!complains_of_packets(line.text) || ++complaints_ != kComplaints) return;
  opener_.facts().learnt.whole_pictures = false;
  correct_command(run);
}

void SourceTrial::on_input(SourceRun& run, const InputFacts& facts) {
  if (!opener_.learn_from_input(facts)) return;
  const FfmpegCommand command = opener_.command();
  if (std::string refusal = refusal_of_copy(command); !refusal.empty())
    return run.end(std::move(refusal));
  if (command.sound_copy) run.copy_sound(*command.sound_copy);
  if (command.tracks.picture || command.tracks.sound) correct_command(run);
}

void SourceTrial::correct_command(SourceRun& run) {
  if (concluded_ || opener_.suits(run)) return;
  if (corrections_++ < kMostCorrections) run.replace(waits_for_sender(opener_.source()));
}

void SourceTrial::on_ended(SourceRun& run) {
  if (concluded_) return finish();
  if (run.is_replaced()) return attempt();
  const bool gave_pictures = run.pictures_read() > 0 && !run.is_refused();
  // The rest that is paced still comes.
  if (run.ended_well() && gave_pictures) return;
  if (opener_.learn_from_end(run) && corrections_++ < kMostCorrections) return attempt();
  std::string reason = run.end_reason();
  conclude(reason.empty() ? "the source ended before anything came" : std::move(reason));
}

void SourceTrial::on_played_out(SourceRun& run) {
  if (!concluded_ && &run == current_.get() && run.ended_well()) conclude("");
}

void SourceTrial::on_picture() {
  const std::uint64_t frames = writer_.gop_frames();
  // The last GOP is complete.
  if (frames == 1) findings_.gop_frames = std::max(findings_.gop_frames, gop_);
  gop_ = frames;
  if (pictures_shown_++ % kSampleEvery == 0) measure();
  if (first_picture_) return;
  first_picture_ = parts_.clock.now();
  const auto end = std::min(*first_picture_ + limits_.watch, began_ + limits_.total);
  timer_.expires_at(end);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) on_time();
  });
}

void SourceTrial::measure() {
  if (!current_->alive()) return;
  const auto cpu = cpu_time_of(current_->pid());
  if (!cpu) return;
  last_sample_ = {.pictures = current_->pictures_read(), .cpu = *cpu};
  if (!first_sample_) first_sample_ = last_sample_;
}

void SourceTrial::on_time() {
  if (concluded_) return;
  if (first_picture_) return conclude("");
  if (waits_for_sender(opener_.source()) && current_ && !current_->knows_input()) {
    findings_.waits = true;
    return conclude(
        fmt::format("waiting for a sender to {}", mask_credentials(settings_.source.video_file)));
  }
  const std::string silence = this->silence();
  // Where the errors tell why, that comes behind a colon.
  if (current_ && current_->knows_input() && silence.find(": ") == std::string::npos) {
    findings_.waits = true;
    return conclude(
        "it is open and gave no picture so far: its keyframes may come seldom; set the camera's "
        "keyframe interval (GOP) to a second or two");
  }
  conclude(silence);
}

std::string SourceTrial::silence() const {
  const auto waited = duration_cast<milliseconds>(parts_.clock.now() - began_);
  if (current_) return current_->silence_for(waited);
  return "nothing came from the source";
}

void SourceTrial::conclude(std::string trouble) {
  concluded_ = true;
  timer_.cancel();
  const FfmpegCommand command = opener_.command();
  findings_.input = opener_.facts().input;
  findings_.tracks = command.tracks;
  findings_.copies_video = command.copies_video;
  findings_.plays = trouble.empty();
  findings_.trouble = std::move(trouble);
  if (findings_.plays) describe_output(command);
  if (!current_ || !current_->alive()) return finish();
  current_->stop();
}

void SourceTrial::describe_output(const FfmpegCommand& command) {
  const auto generation = stream_.generation();
  if (const Track* video =
          generation ? generation->description.track(TrackKind::kVideo) : nullptr) {
    findings_.codec = video->codec;
    findings_.width = video->width;
    findings_.height = video->height;
  }
  findings_.gop_goes_on = findings_.gop_frames < gop_;
  findings_.gop_frames = std::max(findings_.gop_frames, gop_);
  findings_.fps = settings_.encoding.video_fps.per_second();
  if (command.copies_video) {
    const double told = command.tracks.picture->stream.fps;
    findings_.fps = told > 0 ? told : rate_of_arrival();
  }
  measure();
  if (findings_.fps <= 0) return;
  if (last_sample_ && last_sample_->pictures >= kEnoughPictures) {
    // Where most was read before the first look, all of it counts, with ffmpeg's own start.
    const bool in_between = last_sample_->pictures - first_sample_->pictures >= kEnoughPictures;
    const Sample from = in_between ? *first_sample_ : Sample{};
    const double seconds =
        static_cast<double>(last_sample_->pictures - from.pictures) / findings_.fps;
    findings_.cost = duration<double>(last_sample_->cpu - from.cpu).count() / seconds;
  }
  const auto shown_for = parts_.clock.now() - first_picture_.value_or(parts_.clock.now());
  const std::uint64_t read = current_->pictures_read();
  if (!command.copies_video && current_->alive() && shown_for >= kEnoughTime && read > 1) {
    findings_.speed =
        static_cast<double>(read) / findings_.fps / duration<double>(shown_for).count();
  }
}

double SourceTrial::rate_of_arrival() const {
  if (!first_picture_ || pictures_shown_ < kEnoughPictures) return 0;
  const double seconds = duration<double>(parts_.clock.now() - *first_picture_).count();
  return static_cast<double>(pictures_shown_ - 1) / seconds;
}

void SourceTrial::finish() {
  boost::asio::post(parts_.loop, [this] {
    retire(parts_.loop, current_);
    done_(std::move(findings_));
  });
}

}  // namespace livestream
