#include "source/stream_writer.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "isobmff/state_message.h"

namespace livestream {
namespace {

// Pictures older than the standing one that do not come closer by this much in so long stay behind.
constexpr std::chrono::milliseconds kCatchesUp{500};
constexpr std::chrono::milliseconds kCatchUpTime{1'000};
// An encoder that keeps its rate repeats the last picture up to the new one. Its newest keyframe,
// one of each second, may be older than the new picture and than the standing one by this much.
constexpr std::chrono::milliseconds kLatestStart = StreamWriter::kStandingDelay + kCatchUpTime;

}  // namespace

StreamWriter::StreamWriter(Stream& stream, const Clock& clock, std::optional<FrameRate> frame_rate)
    : stream_(stream), clock_(clock), fragmenter_(timeline_, frame_rate) {}

void StreamWriter::set_source(Listener* listener, std::optional<FrameRate> frame_rate) {
  listener_ = listener;
  fragmenter_.set_encoder_rate(frame_rate);
}

void StreamWriter::begin_run(double frame_rate) {
  known_rate_ = frame_rate;
  produced_ = false;
  info_ = {};
  video_.reset();
  audio_.reset();
  entered_ = false;
  stands_ = false;
  catches_up_.reset();
  taken_until_ms_.reset();
}

void StreamWriter::write(Packet packet, SteadyTime now, WallTime wall) {
  if (auto* info = std::get_if<ContainerInfo>(&packet)) {
    if (known_rate_ > 0) info->frame_rate = known_rate_;
    info_ = *info;
  } else if (const auto* track = std::get_if<Track>(&packet)) {
    (track->kind == TrackKind::kVideo ? video_ : audio_) = *track;
  } else {
    Sample& sample = std::get<Sample>(packet);
    const bool is_video = sample.kind == TrackKind::kVideo;
    if (!entered_) {
      const bool leads = is_video || info_.has_video == false;
      if (!leads || !sample.independent) return;
      enter(now, wall);
    }
    if (is_video) {
      if (stands_ && !follows_standing_picture(sample, now)) {
        ++covered_;
        return;
      }
      if (stands_ && listener_ != nullptr) {
        listener_->on_standing_ends(std::chrono::milliseconds(sample.decode_ms - picture_ms_) -
                                    picture_lasts_);
      }
      if (std::exchange(stands_, false)) push(*video_, now, wall);
      if (taken_until_ms_) sample.decode_ms = std::max(sample.decode_ms, *taken_until_ms_);
      picture_ms_ = sample.decode_ms;
      picture_came_ = now;
    }
  }
  if (entered_) push(std::move(packet), now, wall);
}

std::chrono::milliseconds StreamWriter::standing_time() const {
  const auto passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - picture_came_);
  return passed - picture_lasts_;
}

void StreamWriter::write_standing_picture(const Track& track, Sample picture,
                                          std::chrono::milliseconds lasts) {
  if (!entered_) return;
  const SteadyTime now = clock_.now();
  const WallTime wall = clock_.wall_now();
  picture.decode_ms += picture_ms_ + picture_lasts_.count();
  standing_end_ms_ = picture.decode_ms + lasts.count();
  if (!std::exchange(stands_, true)) push(track, now, wall);
  push(std::move(picture), now, wall);
}

// Whether the source's picture takes over from the standing one; it then begins after that one, and
// those that follow until they have caught up are squeezed. Pictures that are older still are
// dropped. A source that stays behind has paused, times and all.
bool StreamWriter::follows_standing_picture(const Sample& picture, SteadyTime now) {
  const std::int64_t behind_ms = standing_end_ms_ - picture.decode_ms;
  if (behind_ms > kLatestStart.count()) {
    if (!catches_up_) catches_up_ = {now, behind_ms};
    const auto since = now - catches_up_->since;
    const bool catches_up = behind_ms < catches_up_->behind_ms - kCatchesUp.count();
    if (since < kCatchUpTime || catches_up) return false;
  }
  if (!picture.independent) return false;
  catches_up_.reset();
  taken_until_ms_.reset();
  if (behind_ms <= kLatestStart.count()) taken_until_ms_ = standing_end_ms_;
  return true;
}

// The run takes the stream over, from a slate or from nothing.
void StreamWriter::enter(SteadyTime now, WallTime wall) {
  entered_ = true;
  timeline_.begin_run(now);
  push(info_, now, wall);
  if (video_) push(*video_, now, wall);
  if (audio_) push(*audio_, now, wall);
}

void StreamWriter::push(Packet packet, SteadyTime now, WallTime wall) {
  for (FragmenterOutput& output : fragmenter_.push(std::move(packet), now, wall))
    publish(std::move(output));
}

void StreamWriter::begin_slate(std::vector<Track> tracks, const FrameRate& rate) {
  const SteadyTime now = clock_.now();
  const WallTime wall = clock_.wall_now();
  entered_ = false;
  stands_ = false;
  timeline_.begin_run(now);
  push(ContainerInfo{rate.per_second(), true, tracks.size() > 1}, now, wall);
  for (Track& track : tracks) push(std::move(track), now, wall);
}

void StreamWriter::write_slate(Sample sample) {
  if (entered_) return;
  push(std::move(sample), clock_.now(), clock_.wall_now());
}

void StreamWriter::publish(FragmenterOutput output) {
  if (auto* description = std::get_if<StreamDescription>(&output)) {
    stream_.describe(std::move(*description));
    described_ = true;
    return;
  }
  auto& fragment = std::get<Fragment>(output);
  const bool leads = fragment.track_id == kVideoTrackId || info_.has_video == false;
  const bool is_picture = entered_ && leads && !stands_;
  if (is_picture) {
    ++video_frames_;
    last_picture_ = clock_.now();
    picture_lasts_ = std::chrono::milliseconds(fragment.duration.in(1000).ticks + 1);
  }
  if (entered_ && leads) gop_frames_ = fragment.independent ? 1 : gop_frames_ + 1;
  if (entered_) {
    if (fragment.track_id == kAudioTrackId && !fragmenter_.fills_sound())
      last_sound_ = clock_.now();
    media_bytes_ += fragment.bytes.size();
    produced_ = true;
  }
  stream_.publish(std::move(fragment));
  if (is_picture && listener_ != nullptr) listener_->on_picture();
}

void StreamWriter::write_message(std::string_view json) {
  if (!described_) return;
  const SteadyTime now = clock_.now();
  stream_.publish(
      write_state_message(timeline_.next_sequence(), timeline_.position(now), now, json));
}

}  // namespace livestream
