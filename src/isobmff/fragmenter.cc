#include "isobmff/fragmenter.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "isobmff/init_segment_writer.h"
#include "media/aac.h"
#include "media/h264.h"
#include "media/silence.h"

namespace livestream {
namespace {

constexpr std::size_t kMaxPendingAudio = 3;
// How long to wait for a track, in media time: one that the container announces, and one that it
// does not speak of.
constexpr std::int64_t kAnnouncedWaitMs = 2'000;
constexpr std::int64_t kUnknownWaitMs = 500;
constexpr auto kReferenceInterval = std::chrono::seconds(1);
// A longer hole stays one: the times have jumped, or the picture has a gap too.
constexpr std::int64_t kMostSilenceMs = 30'000;

// A source with fewer pictures a second has none at a constant rate.
constexpr double kLeastRate = 2;

bool has_waited(std::optional<bool> announced, std::int64_t waited_ms) {
  if (!announced) return waited_ms >= kUnknownWaitMs;
  return !*announced || waited_ms >= kAnnouncedWaitMs;
}

// Readers only make tracks whose configuration they could read.
std::uint32_t samples_per_frame(const Track& audio) {
  const Result<AacConfiguration> configuration = read_aac_configuration(audio.decoder_config);
  return configuration ? configuration->samples_per_frame : 1024;
}

}  // namespace

Fragmenter::Fragmenter(Timeline& timeline, std::optional<FrameRate> encoder_rate)
    : timeline_(timeline), encoder_rate_(encoder_rate) {}

std::vector<FragmenterOutput> Fragmenter::push(Packet packet, SteadyTime now, WallTime wall) {
  CHECK(timeline_.run() != 0);
  Outputs outputs;
  if (timeline_.run() != run_) begin_run(outputs);
  if (const auto* info = std::get_if<ContainerInfo>(&packet)) {
    info_ = *info;
    if (video_) video_->timescale = FrameClock::timescale_for(rate());
  } else if (auto* track = std::get_if<Track>(&packet)) {
    if (track->kind == TrackKind::kVideo) track->timescale = FrameClock::timescale_for(rate());
    (track->kind == TrackKind::kVideo ? video_ : audio_) = std::move(*track);
  } else {
    Sample& sample = std::get<Sample>(packet);
    const bool is_video = sample.kind == TrackKind::kVideo;
    const bool leads = is_video || (!video_ && info_.has_video != true);
    const std::optional<std::int64_t> stamp_ms = timeline_.place_ms(
        is_video ? video_place_ : audio_place_,
        leads ? Timeline::Role::kLeads : Timeline::Role::kFollows, sample.decode_ms, now);
    last_arrival_ = {now, wall};
    if (!stamp_ms) {
      ++dropped_;
      return outputs;
    }
    if (!first_stamp_ms_) first_stamp_ms_ = *stamp_ms;
    if (is_video) {
      on_video(std::move(sample), *stamp_ms, {now, wall}, outputs);
    } else {
      on_audio(std::move(sample), *stamp_ms, {now, wall}, outputs);
    }
  }
  return outputs;
}

void Fragmenter::begin_run(Outputs& outputs) {
  // The run before may have had less sound than picture.
  if (started_ && picture_end_ && has_sound()) {
    begin_sound(sound_ticks(filler_.run_start_ms()));
    fill_sound(picture_end_->in(audio_clock_.sample_rate()).ticks, last_arrival_, outputs);
  }
  if (description_) flush_audio(outputs);
  run_ = timeline_.run();
  info_ = {};
  video_.reset();
  audio_.reset();
  audio_clock_.resync();
  first_stamp_ms_.reset();
  started_ = false;
  sound_began_ = false;
}

void Fragmenter::on_video(Sample sample, std::int64_t stamp_ms, const Arrival& arrival,
                          Outputs& outputs) {
  if (!video_) return;
  if (sample.independent && expected_tracks_known(stamp_ms)) start(stamp_ms, outputs);
  if (!started_ || !described(TrackKind::kVideo)) return;
  picture_ms_ = stamp_ms;
  if (has_sound()) {
    if (const auto until_ms = filler_.due(stamp_ms, sound_end_ms(), sample.is_silent)) {
      begin_sound(sound_ticks(filler_.run_start_ms()));
      fill_sound(sound_ticks(*until_ms), arrival, outputs);
      audio_clock_.resync();
    }
  }
  flush_audio(outputs);

  const FrameClock::Timing timing = frame_clock_.next(stamp_ms);
  if (sample.independent) {
    sample.data = h264_with_parameter_sets(std::move(sample.data), video_->decoder_config);
  }
  const FragmentSample only{sample.data,
                            frame_clock_.composition_ticks(sample.composition_offset_ms)};
  FragmentHeader header;
  header.track_id = kVideoTrackId;
  header.sync = sample.independent;
  header.decode_time = {timing.decode_ticks, frame_clock_.timescale()};
  header.sample_duration = timing.duration_ticks;
  if (sample.independent) header.received = arrival.wall;
  picture_end_ = {timing.decode_ticks + timing.duration_ticks, frame_clock_.timescale()};
  write(header, {&only, 1}, arrival.steady, outputs);
}

void Fragmenter::on_audio(Sample sample, std::int64_t stamp_ms, const Arrival& arrival,
                          Outputs& outputs) {
  if (!audio_) return;
  if (!video_ && expected_tracks_known(stamp_ms)) start(stamp_ms, outputs);
  if (!started_ || !described(TrackKind::kAudio)) return;

  const std::int64_t frame = audio_clock_.samples_per_frame();
  const std::optional<std::int64_t> position = audio_clock_.place(stamp_ms, arrival.steady);
  if (!position) {
    ++dropped_;
    if (filler_.filling()) filler_.on_late_sound(stamp_ms, picture_ms_);
    return;
  }
  // Silence goes before a run's late first sound, which keeps its own place.
  const std::int64_t hole = *position - sound_ticks(filler_.run_start_ms());
  begin_sound(*position - std::max<std::int64_t>(hole, 0) / frame * frame);
  fill_sound(*position, arrival, outputs);
  add_audio(std::move(sample.data), arrival, outputs);
  filler_.on_sound(sound_end_ms(), picture_ms_);
}

// Holes before a run's first sound belong to the time without a source.
void Fragmenter::begin_sound(std::int64_t position) {
  if (!std::exchange(sound_began_, true)) audio_clock_.skip_to(position);
}

// Appends silence up to half a frame before or after `until`; what is further away is left empty.
void Fragmenter::fill_sound(std::int64_t until, const Arrival& arrival, Outputs& outputs) {
  const std::int64_t frame = audio_clock_.samples_per_frame();
  const std::int64_t missing = until - audio_clock_.end().value_or(until);
  if (missing > kMostSilenceMs * audio_clock_.sample_rate() / 1000)
    return audio_clock_.skip_to(until);
  for (std::int64_t left = missing; left >= frame / 2; left -= frame)
    add_audio(silent_aac_frame(description_->track(TrackKind::kAudio)->channels), arrival, outputs);
}

void Fragmenter::add_audio(Bytes frame, const Arrival& arrival, Outputs& outputs) {
  const std::int64_t decode = audio_clock_.add_frame();
  const auto pending_ticks =
      static_cast<std::int64_t>(pending_audio_.size() * audio_clock_.samples_per_frame());
  if (decode != pending_audio_decode_ + pending_ticks) flush_audio(outputs);
  if (pending_audio_.empty()) pending_audio_decode_ = decode;
  pending_audio_.push_back(std::move(frame));
  pending_audio_arrival_ = arrival;
  if (pending_audio_suffices()) flush_audio(outputs);
}

// Audio waits for the next video frame, which comes within a period: one more audio frame must not
// find that period over.
bool Fragmenter::pending_audio_suffices() const {
  if (!video_ || pending_audio_.size() >= kMaxPendingAudio) return true;
  const std::uint64_t pending = pending_audio_.size() * audio_clock_.samples_per_frame();
  return pending * frame_clock_.timescale() >=
         std::uint64_t{frame_clock_.period_ticks()} * audio_clock_.sample_rate();
}

void Fragmenter::flush_audio(Outputs& outputs) {
  if (pending_audio_.empty()) return;
  std::vector<FragmentSample> samples;
  for (const Bytes& frame : pending_audio_) samples.push_back({frame, 0});
  FragmentHeader header;
  header.track_id = kAudioTrackId;
  header.decode_time = {pending_audio_decode_, audio_clock_.sample_rate()};
  header.sample_duration = audio_clock_.samples_per_frame();
  const Arrival& arrival = pending_audio_arrival_;
  const bool alone = description_->track(TrackKind::kVideo) == nullptr;
  if (alone && (!last_reference_ || arrival.steady - *last_reference_ >= kReferenceInterval)) {
    header.received = arrival.wall;
    last_reference_ = arrival.steady;
  }
  write(header, samples, arrival.steady, outputs);
  pending_audio_.clear();
}

void Fragmenter::write(FragmentHeader header, std::span<const FragmentSample> samples,
                       SteadyTime arrived, Outputs& outputs) {
  header.sequence = timeline_.next_sequence();
  const bool leads =
      header.track_id == kVideoTrackId || description_->track(TrackKind::kVideo) == nullptr;
  Fragment fragment;
  fragment.sequence = header.sequence;
  fragment.track_id = header.track_id;
  fragment.independent = leads && header.sync;
  fragment.decode_time = header.decode_time;
  fragment.duration = {static_cast<std::int64_t>(header.sample_duration * samples.size()),
                       header.decode_time.timescale};
  fragment.arrived = arrived;
  fragment.bytes = SharedBytes(write_fragment(header, samples));
  timeline_.published_until(
      leads ? Timeline::Role::kLeads : Timeline::Role::kFollows,
      {fragment.decode_time.ticks + fragment.duration.ticks, fragment.decode_time.timescale});
  outputs.emplace_back(std::move(fragment));
}

// Called where a decoder may begin. Gives out the description if it is new.
void Fragmenter::start(std::int64_t stamp_ms, Outputs& outputs) {
  if (started_ && described(TrackKind::kVideo) && described(TrackKind::kAudio)) return;
  flush_audio(outputs);  // still belongs to the tracks before
  started_ = true;
  if (video_) frame_clock_.set_rate(rate());
  if (audio_) audio_clock_.set_format(audio_->timescale, samples_per_frame(*audio_));
  filler_.begin_run(stamp_ms);
  if (described(TrackKind::kVideo) && described(TrackKind::kAudio)) return;
  std::vector<Track> tracks;
  if (video_) tracks.push_back(*video_);
  if (audio_) tracks.push_back(*audio_);
  description_ = describe(std::move(tracks));
  outputs.emplace_back(*description_);
}

// The rate that the encoder was told, else that of the container.
std::optional<FrameRate> Fragmenter::rate() const {
  if (encoder_rate_ || !info_.frame_rate || *info_.frame_rate < kLeastRate) return encoder_rate_;
  return frame_rate_of(*info_.frame_rate);
}

// Whether viewers have been told of the track of this kind as it is now, or that there is none.
bool Fragmenter::described(TrackKind kind) const {
  if (!description_) return false;
  const std::optional<Track>& track = kind == TrackKind::kVideo ? video_ : audio_;
  const Track* told = description_->track(kind);
  return told == nullptr ? !track : track == *told;
}

// Whether viewers expect sound beside the picture.
bool Fragmenter::has_sound() const {
  return description_ && description_->track(TrackKind::kVideo) != nullptr &&
         description_->track(TrackKind::kAudio) != nullptr;
}

std::int64_t Fragmenter::sound_ticks(std::int64_t ms) const {
  return MediaTime{ms, 1000}.in(audio_clock_.sample_rate()).ticks;
}

std::int64_t Fragmenter::sound_end_ms() const {
  const std::int64_t end = audio_clock_.end().value_or(0);
  return MediaTime{end, audio_clock_.sample_rate()}.in(1000).ticks;
}

bool Fragmenter::expected_tracks_known(std::int64_t stamp_ms) const {
  const std::int64_t waited_ms = stamp_ms - first_stamp_ms_.value_or(stamp_ms);
  return (video_ || has_waited(info_.has_video, waited_ms)) &&
         (audio_ || has_waited(info_.has_audio, waited_ms));
}

}  // namespace livestream
