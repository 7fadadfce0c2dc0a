#include "source/slate_maker.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace livestream {
namespace {

// An attempt takes half a second; an ffmpeg that hangs must not hold up the next attempt for long.
constexpr std::chrono::seconds kDeadline{15};

}  // namespace

std::vector<SharedBytes> newest_gop(const Stream& stream) {
  std::vector<SharedBytes> blocks;
  Cursor cursor;
  cursor.selection = {.video = true, .audio = false};
  while (const auto batch = stream.read(cursor)) {
    const auto& more = batch->blocks->blocks();
    blocks.insert(blocks.end(), more.begin(), more.end());
    cursor = batch->after;
  }
  return blocks;
}

std::shared_ptr<SlateMaker> SlateMaker::start(boost::asio::io_context& loop,
                                              const SourceSettings& settings,
                                              const EncodingSettings& encoding, SlateOrder order,
                                              std::vector<SharedBytes> gop, Done done) {
  auto maker = std::make_shared<SlateMaker>(loop, settings, encoding, std::move(done));
  maker->order_ = std::move(order);
  maker->gop_ = std::move(gop);
  if (maker->gop_.empty()) maker->order_.gop_frames = 0;
  boost::asio::post(loop, [maker] { maker->attempt(); });
  return maker;
}

SlateMaker::SlateMaker(boost::asio::io_context& loop, const SourceSettings& settings,
                       const EncodingSettings& encoding, Done done)
    : loop_(loop),
      settings_(settings),
      encoding_(encoding),
      done_(std::move(done)),
      input_(loop),
      deadline_(loop) {
  if (encoding_.video_codec == "copy") encoding_.video_codec = "libx264";
}

SlateMaker::~SlateMaker() {
  if (run_) run_->forget_listener();
}

void SlateMaker::cancel() {
  done_ = nullptr;
  if (run_) run_->kill();
}

void SlateMaker::attempt() {
  if (!done_) return;  // cancelled
  reader_ = std::make_unique<FlvReader>();
  slate_ = {};
  slate_.rate = encoding_.video_fps;
  const bool feeds = order_.gop_frames > 0;
  auto run =
      FfmpegRun::start(loop_, slate_command(settings_, encoding_, order_),
                       {.pipes_input = feeds, .memory_mb = settings_.ffmpeg_memory_mb}, *this);
  if (!run) return finish(fail(run.error().message));
  run_ = std::move(*run);
  if (feeds) feed(run_->take_input());
  deadline_.expires_after(kDeadline);
  deadline_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (!cancelled && self->run_) self->run_->kill();
  });
}

void SlateMaker::feed(UniqueFd input) {
  input_.assign(input.release());
  std::vector<boost::asio::const_buffer> buffers;
  for (const SharedBytes& block : gop_) buffers.emplace_back(block.data(), block.size());
  // It may end before it has read everything.
  boost::asio::async_write(input_, buffers,
                           [self = shared_from_this()](boost::system::error_code, std::size_t) {
                             boost::system::error_code ignored;
                             self->input_.close(ignored);
                           });
}

void SlateMaker::on_output(ByteView bytes) {
  Result<std::vector<Packet>> packets = reader_->read(bytes);
  if (!packets) return run_->kill();
  for (Packet& packet : *packets) {
    if (auto* track = std::get_if<Track>(&packet)) {
      if (track->kind == TrackKind::kVideo) {
        slate_.video = std::move(*track);
      } else {
        slate_.audio = std::move(*track);
      }
    } else if (auto* sample = std::get_if<Sample>(&packet)) {
      if (sample->kind == TrackKind::kVideo) slate_.frames.push_back(std::move(*sample));
    }
  }
}

void SlateMaker::on_ended(const ExitStatus&) {
  const auto self = shared_from_this();
  const std::shared_ptr<FfmpegProcess> run = std::exchange(run_, nullptr);
  deadline_.cancel();
  boost::system::error_code ignored;
  input_.close(ignored);
  if (!done_) return;
  const bool usable = !slate_.frames.empty() && slate_.frames.front().independent &&
                      !slate_.video.decoder_config.empty();
  if (usable) return finish(std::move(slate_));
  if (simplify(run->errors())) return attempt();
  const std::string reason = explain(run->errors());
  finish(fail(reason.empty() ? "ffmpeg made no picture" : reason));
}

// Leaves out a part of the order that may have made the attempt fail; false when none is left.
bool SlateMaker::simplify(const std::deque<std::string>& errors) {
  const bool no_text = std::any_of(errors.begin(), errors.end(), [](const std::string& error) {
    return error.find("drawtext") != std::string::npos || error.find("font") != std::string::npos;
  });
  if (order_.text && no_text) {
    order_.text = false;
    return true;
  }
  if (!order_.ffmpeg.older_than(5, 1) &&
      std::any_of(errors.begin(), errors.end(), [](const std::string& error) {
        return error.find("fps_mode") != std::string::npos;
      })) {
    order_.ffmpeg.major = 5;
    order_.ffmpeg.minor = 0;
    return true;
  }
  // Without words only the picture itself can stand for it.
  using Look = SlateOrder::Look;
  const bool needs_picture = order_.look == Look::kAsItWas || order_.look == Look::kOld;
  if (needs_picture && encoding_.video_codec == "libx264") return false;
  if (order_.gop_frames == 0 && encoding_.video_codec == "libx264") return false;
  if (!needs_picture) order_.gop_frames = 0;
  encoding_.video_codec = "libx264";
  return true;
}

void SlateMaker::finish(Result<Slate> slate) {
  if (const Done done = std::exchange(done_, nullptr)) done(std::move(slate));
}

}  // namespace livestream
