#include "source/slate_producer.h"

#include <utility>

#include "media/aac.h"
#include "media/silence.h"

namespace livestream {
namespace {

// Frames that are later than this are left out.
constexpr std::chrono::seconds kLate{1};

std::int64_t frame_us(std::int64_t frame, const FrameRate& rate) {
  return frame * 1'000'000 * rate.denominator / rate.numerator;
}

}  // namespace

SlateProducer::SlateProducer(boost::asio::io_context& ingest, const SourceSettings& settings,
                             const EncodingSettings& encoding, Stream& stream, StreamWriter& writer,
                             const Clock& clock, Log log)
    : loop_(ingest),
      settings_(settings),
      encoding_(encoding),
      stream_(stream),
      writer_(writer),
      clock_(clock),
      log_(std::move(log)),
      timer_(ingest) {}

SlateProducer::~SlateProducer() { stop(); }

void SlateProducer::source_away(std::chrono::milliseconds since, const FfmpegInfo& ffmpeg) {
  if (!settings_.slate || (playing() && !old_)) return;
  away_ = since;
  if (since >= make_at_ && !maker_ && !made_) make(ffmpeg);
  if (since >= kPlayAfter && made_) play(*std::exchange(made_, std::nullopt), false);
}

void SlateProducer::show_old(const Slate& picture) {
  if (settings_.slate && !playing()) play(picture, true);
}

void SlateProducer::stop() {
  make_at_ = kMakeAfter;
  if (maker_) std::exchange(maker_, nullptr)->cancel();
  made_.reset();
  if (playing()) log_.info(old_ ? "last picture ends" : "slate ends", {{"stream", stream_.name()}});
  shown_.reset();
  timer_.cancel();
}

void SlateProducer::make(const FfmpegInfo& ffmpeg) {
  // All frames of a picture of old are the same.
  const std::uint64_t frames = shows_old() ? 1 : writer_.gop_frames();
  using Look = SlateOrder::Look;
  maker_ = SlateMaker::start(
      loop_, settings_, encoding_,
      {.gop_frames = frames, .look = shows_old() ? Look::kOldAway : Look::kAway, .ffmpeg = ffmpeg},
      frames > 0 ? newest_gop(stream_) : std::vector<SharedBytes>(),
      [this](Result<Slate> slate) { made(std::move(slate)); });
}

void SlateProducer::made(Result<Slate> slate) {
  maker_ = nullptr;
  if (slate) {
    made_ = std::move(*slate);
    return;
  }
  if (make_at_ == kMakeAfter) {
    log_.warn("no slate could be made",
              {{"stream", stream_.name()}, {"error", slate.error().message}});
  }
  make_at_ = away_ + kMakeAgainAfter;
}

void SlateProducer::play(Slate slate, bool old) {
  shown_ = std::move(slate);
  old_ = old;
  // Its sound is the stream's, or none.
  if (const auto generation = stream_.generation()) {
    const Track* sound = generation->description.track(TrackKind::kAudio);
    shown_->audio = sound != nullptr ? std::optional(*sound) : std::nullopt;
  }
  log_.info(old ? "last picture begins" : "slate begins", {{"stream", stream_.name()}});
  restart_clock();
  write_due_frames();
  schedule();
}

void SlateProducer::restart_clock() {
  began_ = clock_.now();
  next_frame_ = 0;
  next_sound_ = 0;
  std::vector<Track> tracks = {shown_->video};
  if (shown_->audio) tracks.push_back(*shown_->audio);
  writer_.begin_slate(std::move(tracks), shown_->rate);
}

void SlateProducer::schedule() {
  const SteadyTime due = began_ + std::chrono::microseconds(frame_us(next_frame_, shown_->rate));
  timer_.expires_after(due - clock_.now());
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled || !playing()) return;
    write_due_frames();
    schedule();
  });
}

void SlateProducer::write_due_frames() {
  const auto played = [this] {
    return std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - began_);
  };
  if (played() - std::chrono::microseconds(frame_us(next_frame_, shown_->rate)) > kLate) {
    restart_clock();
  }
  while (std::chrono::microseconds(frame_us(next_frame_, shown_->rate)) <= played()) {
    Sample frame = shown_->frames[static_cast<std::size_t>(next_frame_) % shown_->frames.size()];
    frame.decode_ms = frame_us(next_frame_, shown_->rate) / 1000;
    writer_.write_slate(std::move(frame));
    ++next_frame_;
    if (!shown_->audio) continue;
    const std::int64_t rate = shown_->audio->timescale;
    while (next_sound_ * 1024 * 1'000'000 / rate < frame_us(next_frame_, shown_->rate)) {
      Sample silence;
      silence.kind = TrackKind::kAudio;
      silence.independent = true;
      silence.decode_ms = next_sound_ * 1024 * 1000 / rate;
      silence.data = silent_aac_frame(shown_->audio->channels);
      writer_.write_slate(std::move(silence));
      ++next_sound_;
    }
  }
}

}  // namespace livestream
