#include "source/stream_writer.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "isobmff/state_message.h"
#include "media/h264.h"
#include "source/silence.h"

namespace livestream {
namespace {

constexpr std::int64_t kSoundFrame = 1024;  // samples; what ffmpeg's encoder makes
// How far, in seconds, sound may trail the picture before silence stands in for it (some sources
// mux it late by half a second), and from where on the times have just jumped.
constexpr std::int64_t kSoundPatience = 1;
constexpr std::int64_t kTimesJumped = 10;

// How long the picture waits for the first sound of a source that should have some.
constexpr std::chrono::seconds kWaitForSound{1};

tl::unexpected<Error> refuse_copy(std::string_view reason) {
  return fail(fmt::format(
      "VIDEO_CODEC=copy cannot be used with this source: {}; use VIDEO_CODEC=libx264", reason));
}

}  // namespace

StreamWriter::StreamWriter(Stream& stream, const Clock& clock, std::optional<FrameRate> frame_rate)
    : stream_(stream), clock_(clock), fragmenter_(timeline_, frame_rate) {}

void StreamWriter::begin_run(const Run& run) {
  run_ = run;
  reader_ = std::make_unique<FlvReader>();
  sound_reader_ = std::make_unique<FlvReader>();
  held_.clear();
  holding_ = run.sound_apart;
  produced_ = false;
  info_ = {};
  video_.reset();
  audio_.reset();
  entered_ = false;
  filling_ = false;
}

Result<void> StreamWriter::write(ByteView bytes) {
  Result<std::vector<Packet>> packets = reader_->read(bytes);
  if (!packets)
    return run_.copies ? refuse_copy(packets.error().message) : fail(packets.error().message);
  const SteadyTime now = clock_.now();
  const WallTime wall = clock_.wall_now();
  if (!held_.empty() && now - held_.front().now >= kWaitForSound) release_held();
  for (Packet& packet : *packets) {
    if (run_.copies) {
      if (Result<void> playable = check_copied(packet); !playable) return playable;
    }
    if (holding_) {
      held_.push_back({std::move(packet), now, wall});
    } else {
      on_packet(std::move(packet), now, wall);
    }
  }
  return {};
}

Result<void> StreamWriter::write_sound(ByteView bytes) {
  Result<std::vector<Packet>> packets = sound_reader_->read(bytes);
  if (!packets) return fail(packets.error().message);
  for (Packet& packet : *packets) {
    // What it says of the whole is not of the whole.
    if (std::holds_alternative<ContainerInfo>(packet)) continue;
    const auto* track = std::get_if<Track>(&packet);
    const TrackKind kind = track != nullptr ? track->kind : std::get<Sample>(packet).kind;
    if (kind != TrackKind::kAudio) continue;
    const bool completes = track != nullptr;
    on_packet(std::move(packet), clock_.now(), clock_.wall_now());
    if (completes) release_held();
  }
  return {};
}

void StreamWriter::release_held() {
  holding_ = false;
  for (Held& held : std::exchange(held_, {}))
    on_packet(std::move(held.packet), held.now, held.wall);
}

void StreamWriter::on_packet(Packet packet, SteadyTime now, WallTime wall) {
  if (auto* info = std::get_if<ContainerInfo>(&packet)) {
    if (run_.sound_apart) info->has_audio = audio_.has_value();
    info_ = *info;
  } else if (const auto* track = std::get_if<Track>(&packet)) {
    (track->kind == TrackKind::kVideo ? video_ : audio_) = *track;
  } else {
    const Sample& sample = std::get<Sample>(packet);
    const bool is_video = sample.kind == TrackKind::kVideo;
    if (!entered_) {
      const bool leads = is_video || info_.has_video == false;
      if (!leads || !sample.independent) return;
      enter(now, wall);
      if (audio_) sound_end_ = MediaTime{sample.decode_ms, 1000}.in(audio_->timescale).ticks;
    }
    if (is_video) {
      fill_sound_until(sample.decode_ms, now, wall);
    } else {
      on_sound(sample);
    }
  }
  if (entered_) push(std::move(packet), now, wall);
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

void StreamWriter::on_sound(const Sample& sound) {
  if (!audio_) return;
  const std::int64_t end =
      MediaTime{sound.decode_ms, 1000}.in(audio_->timescale).ticks + kSoundFrame;
  if (end <= sound_end_) return;
  sound_end_ = end;
  filling_ = false;
}

void StreamWriter::fill_sound_until(std::int64_t picture_ms, SteadyTime now, WallTime wall) {
  if (!audio_) return;
  const std::int64_t rate = audio_->timescale;
  const std::int64_t picture = MediaTime{picture_ms, 1000}.in(audio_->timescale).ticks;
  const std::int64_t behind = picture - sound_end_;
  if (behind > kTimesJumped * rate || behind < -kTimesJumped * rate) {
    sound_end_ = picture;
    return;
  }
  if (!filling_ && behind <= kSoundPatience * rate) return;
  filling_ = true;
  while (sound_end_ < picture) {
    Sample silence;
    silence.kind = TrackKind::kAudio;
    silence.independent = true;
    silence.decode_ms = MediaTime{sound_end_, audio_->timescale}.in(1000).ticks;
    silence.data = silent_aac_frame(audio_->channels);
    push(std::move(silence), now, wall);
    sound_end_ += kSoundFrame;
  }
}

void StreamWriter::begin_slate(std::vector<Track> tracks, const FrameRate& rate) {
  const SteadyTime now = clock_.now();
  const WallTime wall = clock_.wall_now();
  entered_ = false;
  timeline_.begin_run(now);
  push(ContainerInfo{rate.per_second(), true, tracks.size() > 1}, now, wall);
  for (Track& track : tracks) push(std::move(track), now, wall);
}

void StreamWriter::write_slate(Sample sample) {
  if (entered_) return;
  push(std::move(sample), clock_.now(), clock_.wall_now());
}

Result<void> StreamWriter::check_copied(const Packet& packet) const {
  if (const auto* track = std::get_if<Track>(&packet);
      track != nullptr && track->kind == TrackKind::kVideo) {
    const std::string refusal = h264_refusal(track->decoder_config);
    if (!refusal.empty()) return refuse_copy(refusal);
  }
  const auto* sample = std::get_if<Sample>(&packet);
  if (sample != nullptr && sample->kind == TrackKind::kVideo &&
      sample->composition_offset_ms != 0) {
    return refuse_copy(
        "its video has B-frames, which would have to be shown in another order than they come");
  }
  return {};
}

void StreamWriter::publish(FragmenterOutput output) {
  if (auto* description = std::get_if<StreamDescription>(&output)) {
    stream_.describe(std::move(*description));
    described_ = true;
    return;
  }
  auto& fragment = std::get<Fragment>(output);
  if (entered_) {
    const bool leads = fragment.track_id == kVideoTrackId || info_.has_video == false;
    if (leads) {
      ++video_frames_;
      gop_frames_ = fragment.independent ? 1 : gop_frames_ + 1;
      last_picture_ = clock_.now();
    }
    if (fragment.track_id == kAudioTrackId && !filling_) last_sound_ = clock_.now();
    media_bytes_ += fragment.bytes.size();
    produced_ = true;
  }
  stream_.publish(std::move(fragment));
}

void StreamWriter::write_message(std::string_view json) {
  if (!described_) return;
  const SteadyTime now = clock_.now();
  stream_.publish(
      write_state_message(timeline_.next_sequence(), timeline_.position(now), now, json));
}

}  // namespace livestream
