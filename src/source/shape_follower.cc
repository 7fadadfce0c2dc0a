#include "source/shape_follower.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace livestream {
namespace {

// Uncoded pictures that may wait for an encoder: more of them make the reading of the source wait.
constexpr std::size_t kMostWaiting = std::size_t{48} << 20;
// A shape is kept for at least this long, so that a source that changes with each picture does not
// start an encoder for each.
constexpr std::int64_t kShortestPartMs = 500;
// Encoders at work at once: more than two only where one hangs or falls behind.
constexpr std::size_t kMostParts = 4;

}  // namespace

ShapeFollower::ShapeFollower(boost::asio::io_context& loop, const FfmpegStarter& starter,
                             RunOutput& output, Plan plan, Events events)
    : loop_(loop),
      starter_(starter),
      output_(output),
      plan_(std::move(plan)),
      events_(std::move(events)) {}

void ShapeFollower::read(ByteView bytes) {
  if (closed_) return;
  Result<std::vector<RelayReader::Piece>> pieces = reader_.read(bytes);
  if (!pieces) return give_up(pieces.error().message);
  for (RelayReader::Piece& piece : *pieces) {
    if (!closed_) on_picture(std::move(piece));
  }
  adjust_reading();
}

void ShapeFollower::on_picture(RelayReader::Piece piece) {
  const std::uint64_t index = pictures_++;
  if (!shape_ && piece.picture.size == kCountingPicture) return output_.confirm_picture();
  if (!shape_) output_.leave_encoder();
  if (piece.picture != shape_ || skips_) {
    const std::int64_t shown_ms = ms_of(index - part_began_);
    skips_ = shape_ && (shown_ms < kShortestPartMs || parts_.size() >= kMostParts);
    if (skips_) return;
    begin_part(piece.picture, index);
  }
  if (!closed_) parts_.back()->encoder->write(std::move(piece.bytes));
}

// How long so many pictures are shown.
std::int64_t ShapeFollower::ms_of(std::uint64_t pictures) const {
  const auto count = static_cast<std::int64_t>(pictures);
  return count * 1000 * plan_.rate.denominator / plan_.rate.numerator;
}

void ShapeFollower::begin_part(const RelayedPicture& shape, std::uint64_t index) {
  if (!parts_.empty()) parts_.back()->encoder->finish();
  shape_ = shape;
  part_began_ = index;
  auto part = std::make_unique<Part>();
  Part& begun = *part;
  const std::int64_t start_ms = output_.first_picture_ms() + ms_of(index);
  auto encoder = ShapeEncoder::start(
      loop_, starter_, plan_.command(shape, start_ms), plan_.memory_mb,
      {.on_coded = [this, &begun](ByteView bytes) { on_coded(begun, bytes); },
       .on_taken = [this] { adjust_reading(); },
       .on_ended = [this, &begun](const std::string& reason) { on_part_ended(begun, reason); }});
  if (!encoder) return give_up(encoder.error().message);
  part->encoder = std::move(*encoder);
  part->encoder->hold(held_);
  parts_.push_back(std::move(part));
}

// The parts' output goes on in their order.
void ShapeFollower::on_coded(Part& part, ByteView bytes) {
  if (&part != parts_.front().get()) {
    part.early.insert(part.early.end(), bytes.begin(), bytes.end());
    return;
  }
  if (const auto written = output_.write_shaped(part.reader, bytes); !written)
    give_up(written.error().message);
}

void ShapeFollower::on_part_ended(Part& part, const std::string& reason) {
  if (!reason.empty()) return give_up(reason);
  part.ended = true;
  while (!parts_.empty() && parts_.front()->ended) {
    parts_.pop_front();
    if (parts_.empty()) break;
    const Bytes early = std::exchange(parts_.front()->early, {});
    on_coded(*parts_.front(), early);
  }
  if (parts_.empty() && done_) std::exchange(done_, nullptr)();
}

void ShapeFollower::adjust_reading() {
  std::size_t waiting = 0;
  for (const auto& part : parts_) waiting += part->encoder->waiting_bytes();
  const bool enough = waiting >= kMostWaiting;
  if (enough == relay_held_) return;
  relay_held_ = enough;
  events_.hold(enough);
}

void ShapeFollower::end(std::function<void()> done) {
  if (closed_) return;
  if (parts_.empty()) return done();
  done_ = std::move(done);
  parts_.back()->encoder->finish();
}

void ShapeFollower::hold(bool held) {
  held_ = held;
  for (const auto& part : parts_) part->encoder->hold(held);
}

void ShapeFollower::close() {
  closed_ = true;
  done_ = nullptr;
  for (const auto& part : parts_) part->encoder->close();
}

void ShapeFollower::give_up(const std::string& reason) {
  if (closed_) return;
  close();
  events_.fail(fmt::format("the source's new shape cannot be encoded: {}", reason));
}

}  // namespace livestream
