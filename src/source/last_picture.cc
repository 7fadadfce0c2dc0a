#include "source/last_picture.h"

#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/memory.h"

namespace livestream {

LastPicture::LastPicture(boost::asio::io_context& ingest, const SourceSettings& settings,
                         const EncodingSettings& encoding, const Stream& stream,
                         const StreamWriter& writer, const Clock& clock, Log log)
    : loop_(ingest),
      settings_(settings),
      encoding_(encoding),
      stream_(stream),
      writer_(writer),
      clock_(clock),
      log_(std::move(log)) {}

void LastPicture::keep(const FfmpegInfo& ffmpeg) {
  const auto generation = stream_.generation();
  const auto shown = writer_.last_picture();
  if (!generation || !shown || writer_.video_frames() == frames_) return;
  if (generation->description.track(TrackKind::kVideo) == nullptr) return;
  std::vector<SharedBytes> gop = newest_gop(stream_);
  if (gop.empty()) return;
  forget();
  frames_ = writer_.video_frames();
  const WallTime taken =
      clock_.wall_now() - std::chrono::duration_cast<WallTime::duration>(clock_.now() - *shown);
  maker_ = SlateMaker::start(
      loop_, settings_, encoding_,
      {.gop_frames = writer_.gop_frames(), .look = SlateOrder::Look::kOld, .ffmpeg = ffmpeg},
      std::move(gop), [this, taken](Result<Slate> picture) {
        maker_ = nullptr;
        // The stream's pictures, which the maker has held, go now.
        boost::asio::post(loop_, release_free_memory);
        if (!picture) {
          return log_.warn("the last picture could not be kept",
                           {{"stream", stream_.name()}, {"error", picture.error().message}});
        }
        picture_ = std::move(*picture);
        taken_ = taken;
      });
}

void LastPicture::forget() {
  picture_.reset();
  if (maker_) std::exchange(maker_, nullptr)->cancel();
}

}  // namespace livestream
