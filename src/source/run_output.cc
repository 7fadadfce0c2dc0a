#include "source/run_output.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "media/h264.h"
#include "source/encoded_audio.h"

namespace livestream {
namespace {

// Coded media that may wait; a file of a higher bitrate is read less far ahead.
constexpr std::size_t kMostWaiting = std::size_t{64} << 20;
constexpr std::size_t kMostUnconfirmed = 30;
// Four seconds of encoded sound, beside which the source's own one has to have come.
constexpr std::size_t kMostLeft = std::size_t{64} << 10;

// More than lies between two frames of sound.
constexpr std::int64_t kHoleMs = 100;
constexpr std::int64_t kSurelySilentMs = Pacer::kFarthest.count() / 2;

// Sound that goes beyond the last picture by this much shows that the picture stands.
constexpr std::chrono::milliseconds kStands{1'000};

tl::unexpected<Error> refuse_copy(std::string_view reason) {
  return fail(fmt::format(
      "VIDEO_CODEC=copy cannot be used with this source: {}; use VIDEO_CODEC=libx264", reason));
}

std::optional<std::int64_t> time_of(const Packet& packet) {
  const auto* sample = std::get_if<Sample>(&packet);
  return sample != nullptr ? std::optional(sample->decode_ms) : std::nullopt;
}

bool is_picture(const Packet& packet) {
  const auto* sample = std::get_if<Sample>(&packet);
  return sample != nullptr && sample->kind == TrackKind::kVideo;
}

std::size_t bytes_of(const Packet& packet) {
  const auto* sample = std::get_if<Sample>(&packet);
  return sample != nullptr ? sample->data.size() : 0;
}

}  // namespace

RunOutput::RunOutput(boost::asio::io_context& loop, const Clock& clock, StreamWriter& writer,
                     const Options& options, Hold hold, Drained drained)
    : clock_(clock),
      writer_(writer),
      options_(options),
      hold_(std::move(hold)),
      drained_(std::move(drained)),
      timer_(loop),
      pacer_(options.pace) {
  if (options.sound_copy) copied_.emplace(*options.sound_copy);
}

Result<void> RunOutput::write_picture(ByteView bytes) { return take(picture_, bytes); }

Result<void> RunOutput::write_sound(ByteView bytes) {
  if (!leaves_encoded_) return take(sound_, bytes);
  left_bytes_ += bytes.size();
  if (left_bytes_ >= kMostLeft && !copied_->has_begun()) return refuse_sound();
  return {};
}

Result<void> RunOutput::write_copied_sound(ByteView bytes) {
  return leaves_encoded_ ? take(sound_, bytes) : Result<void>{};
}

void RunOutput::copy_sound(const SoundCopy& copy) {
  if (!options_.tries_copy || copied_ || closed_) return;
  copied_.emplace(copy);
  leaves_encoded_ = true;
  if (playing_) writer_.write(copied_->track(), clock_.now(), clock_.wall_now());
}

tl::unexpected<Error> RunOutput::refuse_sound() {
  refuses_sound_ = true;
  return refuse_to_copy_sound();
}

Result<void> RunOutput::take_copied(Packet packet) {
  Result<std::vector<Packet>> taken = copied_->take(std::move(packet));
  if (!taken) return refuse_sound();
  for (Packet& part : *taken) admit(sound_, std::move(part));
  return {};
}

Result<void> RunOutput::take(Channel& channel, ByteView bytes) {
  if (closed_) return {};
  Result<std::vector<Packet>> packets = channel.reader.read(bytes);
  if (!packets) {
    const std::string& reason = packets.error().message;
    return options_.copies ? refuse_copy(reason) : fail(reason);
  }
  for (Packet& packet : *packets) {
    // The description in the sound's own output is that of this output, not of the whole source.
    if (&channel == &sound_ && std::holds_alternative<ContainerInfo>(packet)) continue;
    if (&channel == &sound_ && copied_) {
      if (Result<void> copied = take_copied(std::move(packet)); !copied) return copied;
      continue;
    }
    if (options_.copies) {
      if (Result<void> playable = check_copied(packet); !playable) return playable;
    }
    if (auto* info = std::get_if<ContainerInfo>(&packet); info != nullptr && options_.sound_apart)
      info->has_audio = true;
    if (&channel == &picture_ && options_.relays_shapes) {
      if (is_picture(packet)) own_newest_ms_ = time_of(packet);
      if (is_picture(packet)) ++unconfirmed_pictures_;
      unconfirmed_.push_back(std::move(packet));
    } else {
      admit(channel, std::move(packet));
    }
  }
  admit_confirmed();
  pass_on_due();
  return {};
}

void RunOutput::admit(Channel& channel, Packet packet) {
  if (const auto time = time_of(packet)) {
    if (is_picture(packet)) ++pictures_read_;
    if (!channel.first_ms) channel.first_ms = time;
    channel.newest_ms = std::max(channel.newest_ms.value_or(*time), *time);
    pacer_.on_read(*channel.newest_ms, clock_.now());
  }
  waiting_bytes_ += bytes_of(packet);
  channel.waiting.push_back(std::move(packet));
}

// A relay that has not begun, or lags far behind, does not hold the pictures up.
void RunOutput::admit_confirmed() {
  while (!unconfirmed_.empty()) {
    const bool ahead = is_picture(unconfirmed_.front()) && admitted_ >= confirmed_;
    const bool in_step = confirmed_ > 0 && unconfirmed_pictures_ <= kMostUnconfirmed;
    if (ahead && in_step && !left_encoder_) return;
    Packet packet = std::move(unconfirmed_.front());
    unconfirmed_.pop_front();
    if (is_picture(packet)) --unconfirmed_pictures_;
    if (ahead && left_encoder_) continue;
    if (is_picture(packet)) ++admitted_;
    admit(picture_, std::move(packet));
  }
}

void RunOutput::confirm_picture() {
  if (closed_) return;
  ++confirmed_;
  admit_confirmed();
  pass_on_due();
}

void RunOutput::leave_encoder() {
  left_encoder_ = true;
  admit_confirmed();
}

Result<void> RunOutput::write_shaped(FlvReader& reader, ByteView bytes) {
  if (closed_) return {};
  Result<std::vector<Packet>> packets = reader.read(bytes);
  if (!packets) return tl::unexpected(std::move(packets.error()));
  // Later pictures of the run's own encoder cannot be decoded after these.
  confirmed_ = admitted_;
  for (Packet& packet : *packets) {
    // It describes this output, not the whole source.
    if (!std::holds_alternative<ContainerInfo>(packet)) admit(picture_, std::move(packet));
  }
  pass_on_due();
  return {};
}

Result<void> RunOutput::check_copied(const Packet& packet) const {
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

void RunOutput::play() {
  playing_ = true;
  // The sound is known before it comes, so that viewers are told of both tracks at once even when
  // the sound begins late.
  if (options_.sound_apart) {
    writer_.write(copied_ ? copied_->track() : encoded_audio_track(), clock_.now(),
                  clock_.wall_now());
  }
  pass_on_due();
}

// The channel whose next packet comes first; null when nothing waits. Descriptions, which have no
// time, go before samples.
RunOutput::Channel* RunOutput::next_channel() {
  if (picture_.waiting.empty()) return sound_.waiting.empty() ? nullptr : &sound_;
  if (sound_.waiting.empty()) return &picture_;
  const auto picture = time_of(picture_.waiting.front());
  const auto sound = time_of(sound_.waiting.front());
  return !picture || (sound && *picture <= *sound) ? &picture_ : &sound_;
}

void RunOutput::pass_on_due() {
  if (!playing_ || closed_) return adjust_reading();
  const SteadyTime now = clock_.now();
  while (Channel* const channel = next_channel()) {
    const auto time = time_of(channel->waiting.front());
    // A run begins with its first picture: sound from before has no place in the stream.
    if (time && (channel == &picture_ || passed_on_)) {
      const SteadyTime due = pacer_.due(*time, now);
      if (due > now) {
        schedule(due);
        break;
      }
      passed_on_ = std::chrono::milliseconds(*time);
    }
    Packet packet = std::move(channel->waiting.front());
    channel->waiting.pop_front();
    waiting_bytes_ -= bytes_of(packet);
    if (is_picture(packet)) std::get<Sample>(packet).is_silent = is_silent_at(*time);
    writer_.write(std::move(packet), now, clock_.wall_now());
    if (closed_) return;
  }
  adjust_reading();
  end_if_drained();
}

// Sound that has not been read although the picture has been read far ahead is not there.
bool RunOutput::is_silent_at(std::int64_t ms) const {
  if (!options_.sound_apart || !pacer_.paces()) return false;
  if (!sound_.waiting.empty()) {
    const auto next = time_of(sound_.waiting.front());
    return next && *next - ms > kHoleMs;
  }
  return ended_ || *picture_.newest_ms - ms >= kSurelySilentMs;
}

void RunOutput::schedule(SteadyTime due) {
  timer_.expires_after(due - clock_.now());
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled) self->pass_on_due();
  });
}

// A track that lags is waited for as long as the other one is not too far ahead: ffmpeg may have to
// pass minutes of sound to get to the next picture of a recording that stands.
bool RunOutput::has_enough(SteadyTime now) const {
  if (!pacer_.paces()) return false;
  if (waiting_bytes_ >= kMostWaiting) return true;
  std::chrono::milliseconds least = std::chrono::milliseconds::max();
  for (const Channel* channel : {&picture_, &sound_}) {
    if (!channel->newest_ms) {
      if (channel == &picture_ || options_.sound_apart) least = std::chrono::milliseconds(0);
      continue;
    }
    // Before its turn a run has no clock: its lead is what waits.
    std::chrono::milliseconds lead = pacer_.lead(*channel->newest_ms, now);
    if (!playing_) {
      const auto first = std::find_if(channel->waiting.begin(), channel->waiting.end(),
                                      [](const Packet& packet) { return time_of(packet); });
      lead = std::chrono::milliseconds(
          first == channel->waiting.end() ? 0 : *channel->newest_ms - *time_of(*first));
    }
    least = std::min(least, lead);
    if (lead >= (channel == &picture_ ? Pacer::kFarthest : Pacer::kFarthestSound)) return true;
  }
  return least >= pacer_.wanted_lead();
}

bool RunOutput::stands() const {
  if (!pacer_.paces() || !picture_.newest_ms || !picture_.waiting.empty()) return false;
  const std::int64_t beyond_ms = sound_.newest_ms.value_or(0) - *picture_.newest_ms;
  return beyond_ms >= kStands.count() || (ended_ && !waits());
}

void RunOutput::adjust_reading() {
  if (closed_ || options_.pace == Pacer::Pace::kAsItComes) return;
  const bool enough = has_enough(clock_.now());
  if (enough == held_) return;
  if (enough && playing_) pacer_.decide_for_clock();
  held_ = enough;
  was_held_ |= enough;
  hold_(enough);
}

// The time in which a source sends says nothing when reading has paused.
void RunOutput::on_sent_for(std::chrono::milliseconds sent) {
  if (was_held_ || !picture_.newest_ms) return;
  pacer_.on_end(std::chrono::milliseconds(*picture_.newest_ms - *picture_.first_ms), sent);
}

void RunOutput::end() {
  ended_ = true;
  pacer_.decide_for_clock();
  pass_on_due();
}

void RunOutput::end_if_drained() {
  if (!ended_ || !playing_ || closed_ || waits()) return;
  if (const Drained tell = std::exchange(drained_, nullptr)) tell();
}

void RunOutput::close() {
  closed_ = true;
  timer_.cancel();
  picture_.waiting.clear();
  sound_.waiting.clear();
}

}  // namespace livestream
