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
      log_(std::move(log)) {}

void StandingPicture::show(SteadyTime now, const FfmpegInfo& ffmpeg) {
  if (failed_ || maker_) return;
  if (!pictures_) return make(ffmpeg);
  if (shown_at_ && now - *shown_at_ < kInterval) return;
  shown_at_ = now;
  writer_.write_standing_picture(pictures_->video, pictures_->frames[next_]);
  next_ = (next_ + 1) % pictures_->frames.size();
}

void StandingPicture::end() {
  pictures_.reset();
  if (maker_) std::exchange(maker_, nullptr)->cancel();
  failed_ = false;
  shown_at_.reset();
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
  std::erase_if(pictures_->frames, [](const Sample& frame) { return !frame.independent; });
  next_ = 0;
}

}  // namespace livestream
