#include "source/stream_writer.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "isobmff/state_message.h"
#include "media/h264.h"

namespace livestream {
namespace {

tl::unexpected<Error> refuse_copy(std::string_view reason) {
  return fail(fmt::format(
      "VIDEO_CODEC=copy cannot be used with this source: {}; use VIDEO_CODEC=libx264", reason));
}

}  // namespace

StreamWriter::StreamWriter(Stream& stream, const Clock& clock, std::optional<FrameRate> frame_rate)
    : stream_(stream), clock_(clock), fragmenter_(timeline_, frame_rate) {}

void StreamWriter::begin_run(bool copies) {
  reader_ = std::make_unique<FlvReader>();
  copies_ = copies;
  produced_ = false;
  timeline_.begin_run(clock_.now());
}

Result<void> StreamWriter::write(ByteView bytes) {
  Result<std::vector<Packet>> packets = reader_->read(bytes);
  if (!packets)
    return copies_ ? refuse_copy(packets.error().message) : fail(packets.error().message);
  const SteadyTime now = clock_.now();
  const WallTime wall = clock_.wall_now();
  for (Packet& packet : *packets) {
    if (copies_) {
      if (const Result<void> playable = check_copied(packet); !playable) return playable;
    }
    for (FragmenterOutput& output : fragmenter_.push(std::move(packet), now, wall))
      publish(std::move(output));
  }
  return {};
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
  if (fragment.track_id == kVideoTrackId) ++video_frames_;
  media_bytes_ += fragment.bytes.size();
  produced_ = true;
  last_media_ = clock_.now();
  stream_.publish(std::move(fragment));
}

void StreamWriter::write_message(std::string_view json) {
  if (!described_) return;
  stream_.publish(write_state_message(timeline_.next_sequence(), timeline_.position(clock_.now()),
                                      clock_.wall_now(), json));
}

}  // namespace livestream
