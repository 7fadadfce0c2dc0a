#include "source/standing_picture.h"

#include <utility>

namespace livestream {

StandingPicture::StandingPicture(boost::asio::io_context& ingest, const SourceSettings& settings,
                                 const EncodingSettings& encoding, Stream& stream,
                                 StreamWriter& writer, Log log)
    : loop_(ingest),
      settings_(settings),
      encoding_(encoding),
      stream_(stream),
      writer_(writer),
      log_(std::move(log)),
      timer_(ingest) {}

void StandingPicture::show(const FfmpegInfo& ffmpeg, std::chrono::milliseconds trails) {
  if (failed_ || maker_ || pictures_) return;
  trails_ = trails;
  make(ffmpeg);
}

void StandingPicture::end() {
  pictures_.reset();
  if (maker_) std::exchange(maker_, nullptr)->cancel();
  failed_ = false;
  timer_.cancel();
}

void StandingPicture::make(const FfmpegInfo& ffmpeg) {
  const std::uint64_t frames = writer_.gop_frames();
  if (frames == 0) return;
  maker_ = SlateMaker::start(
      loop_, settings_, encoding_,
      {.gop_frames = frames, .look = SlateOrder::Look::kAsItWas, .ffmpeg = ffmpeg},
      newest_gop(stream_), [this](Result<Slate> pictures) { made(std::move(pictures)); });
}

void StandingPicture::made(Result<Slate> pictures) {
  maker_ = nullptr;
  if (!pictures) {
    failed_ = true;
    log_.warn("the last picture cannot be kept on the screen",
              {{"stream", stream_.name()}, {"error", pictures.error().message}});
    return;
  }
  pictures_ = std::move(*pictures);
  next_ = 0;
  write_due_frames();
}

std::chrono::milliseconds StandingPicture::time_of(std::int64_t frame) const {
  const FrameRate& rate = pictures_->rate;
  return std::chrono::milliseconds(frame * 1000 * rate.denominator / rate.numerator);
}

void StandingPicture::fill_until(std::chrono::milliseconds time) {
  if (!pictures_) return;
  const std::vector<Sample>& frames = pictures_->frames;
  for (; time_of(next_ + 1) <= time; ++next_) {
    Sample frame = frames[static_cast<std::size_t>(next_) % frames.size()];
    frame.decode_ms = time_of(next_).count();
    writer_.write_standing_picture(pictures_->video, std::move(frame),
                                   time_of(next_ + 1) - time_of(next_));
  }
}

void StandingPicture::write_due_frames() {
  const std::chrono::milliseconds now = writer_.standing_time() - trails_;
  fill_until(now);
  timer_.expires_after(time_of(next_ + 1) - now);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled && pictures_) write_due_frames();
  });
}

}  // namespace livestream
