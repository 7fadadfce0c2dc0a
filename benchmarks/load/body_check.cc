#include "load/body_check.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace livestream::load {
namespace {

constexpr std::uint32_t kStep = 2;
constexpr std::size_t kBoxHeader = 8;
constexpr std::uint32_t kVideoTrack = 1;
constexpr std::uint32_t kNonSyncSample = 0x00010000;  // ISO/IEC 14496-12 §8.8.3.1

std::uint32_t u32(ByteView bytes, std::size_t at) { return ByteReader(bytes.subspan(at)).u32(); }

std::string_view type_of(ByteView box) {
  return {reinterpret_cast<const char*>(box.data()) + 4, 4};
}

// The first box of `type` among `boxes`, header included.
std::optional<ByteView> find_box(ByteView boxes, std::string_view type) {
  while (boxes.size() >= kBoxHeader) {
    const std::size_t size = u32(boxes, 0);
    if (size < kBoxHeader || size > boxes.size()) return std::nullopt;
    if (type_of(boxes) == type) return boxes.first(size);
    boxes = boxes.subspan(size);
  }
  return std::nullopt;
}

// The box at the end of a path of types below `box`.
std::optional<ByteView> inside(ByteView box, std::initializer_list<std::string_view> path) {
  for (const std::string_view type : path) {
    const std::optional<ByteView> child = find_box(box.subspan(kBoxHeader), type);
    if (!child) return std::nullopt;
    box = *child;
  }
  return box;
}

}  // namespace

void BodyCheck::wrong(std::string what) {
  if (error_.empty()) error_ = std::move(what);
}

void BodyCheck::read(ByteView bytes) {
  if (!chunked_) return read_body(bytes);
  while (!bytes.empty() && error_.empty()) {
    if (chunk_state_ == ChunkState::kData) {
      const std::size_t size = std::min(chunk_left_, bytes.size());
      read_body(bytes.first(size));
      bytes = bytes.subspan(size);
      chunk_left_ -= size;
      if (chunk_left_ == 0) chunk_state_ = ChunkState::kEnd;
      continue;
    }
    chunk_line_.push_back(static_cast<char>(bytes.front()));
    bytes = bytes.subspan(1);
    if (!chunk_line_.ends_with("\r\n")) continue;
    if (chunk_state_ == ChunkState::kEnd) {
      if (chunk_line_ != "\r\n") return wrong("a chunk does not end where its size says");
      chunk_state_ = ChunkState::kSize;
    } else {
      const auto [end, error] = std::from_chars(
          chunk_line_.data(), chunk_line_.data() + chunk_line_.size(), chunk_left_, 16);
      if (error != std::errc()) return wrong("a chunk has no size");
      chunk_state_ = chunk_left_ == 0 ? ChunkState::kEnd : ChunkState::kData;
    }
    chunk_line_.clear();
  }
}

void BodyCheck::read_body(ByteView bytes) {
  while (!bytes.empty() && error_.empty()) {
    if (box_.size() < kBoxHeader) {
      const std::size_t size = std::min(kBoxHeader - box_.size(), bytes.size());
      box_.insert(box_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      bytes = bytes.subspan(size);
      if (box_.size() == kBoxHeader) begin_box();
    } else {
      const std::size_t size = std::min(box_left_, bytes.size());
      if (keep_box_)
        box_.insert(box_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      bytes = bytes.subspan(size);
      box_left_ -= size;
    }
    if (box_.size() >= kBoxHeader && box_left_ == 0) end_box();
  }
}

void BodyCheck::begin_box() {
  const std::size_t size = u32(box_, 0);
  const std::string_view type = type_of(box_);
  constexpr std::string_view kKnown[] = {"ftyp", "moov", "prft", "moof", "mdat", "emsg"};
  if (size < kBoxHeader) return wrong(fmt::format("a box of {} bytes", size));
  if (std::find(std::begin(kKnown), std::end(kKnown), type) == std::end(kKnown))
    return wrong("a box of no known type: its begin was missed");
  if (type == "mdat" && !std::exchange(has_moof_, false)) return wrong("mdat without its moof");
  box_left_ = size - kBoxHeader;
  keep_box_ = type == "moov" || type == "moof" || type == "emsg";
}

void BodyCheck::end_box() {
  const std::string_view type = type_of(box_);
  if (type == "moov") read_moov();
  if (type == "moof") read_moof();
  // A state message uses a number of the same sequence as its id (emsg version 1).
  if (type == "emsg" && box_.size() >= 32) sequence_ = u32(box_, 28);
  box_.clear();
}

void BodyCheck::read_moov() {
  has_init_ = true;
  const auto mdhd = inside(box_, {"trak", "mdia", "mdhd"});
  if (!mdhd || mdhd->size() < 32) return wrong("a moov without mdhd");
  timescale_ = u32(*mdhd, 8 + ((*mdhd)[8] == 1 ? 20 : 12));
}

void BodyCheck::read_moof() {
  const auto mfhd = inside(box_, {"mfhd"});
  const auto tfhd = inside(box_, {"traf", "tfhd"});
  const auto tfdt = inside(box_, {"traf", "tfdt"});
  if (!mfhd || !tfhd || !tfdt || mfhd->size() < 16 || tfhd->size() < 24 || tfdt->size() < 20)
    return wrong("a moof without mfhd, tfhd or tfdt");
  if (!has_init_) return wrong("a fragment before the init segment");
  has_moof_ = true;
  ++fragments_;
  const bool video = u32(*tfhd, 12) == kVideoTrack;
  const bool independent = video && (u32(*tfhd, 20) & kNonSyncSample) == 0;
  const std::uint32_t sequence = u32(*mfhd, 12);
  const bool first = fragments_ == 1;
  // Wraps as the numbers do, of which the server leaves out every other one.
  const std::uint32_t step = sequence - sequence_;
  sequence_ = sequence;
  if (!first && (step == 0 || step > 0x7fffffff)) return wrong("sequence numbers go backwards");
  const bool gap = !first && step != kStep;
  if (gap) ++gaps_;
  if ((first || gap) && !independent)
    return wrong(fmt::format("{} is not independent",
                             first ? "the first fragment" : "after a gap, a fragment"));
  if (video) decode_time_ = ByteReader(tfdt->subspan(12)).u64();
}

}  // namespace livestream::load
