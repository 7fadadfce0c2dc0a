#include "net/framing.h"

#include <utility>

#include <fmt/format.h>

#include "net/websocket.h"

namespace livestream::net {
namespace {

// Up to this size one copy costs less than gathering in each of many writes.
constexpr std::size_t kFlatLimit = std::size_t{64} * 1024;
constexpr std::string_view kCrlf = "\r\n";

iovec buffer(const void* data, std::size_t size) {
  // A send does not write to it.
  return {.iov_base = const_cast<void*>(data), .iov_len = size};
}

std::string frame_head(Framing framing, std::size_t size) {
  switch (framing) {
    case Framing::kIdentity:
      return {};
    case Framing::kChunked:
      return fmt::format("{:x}\r\n", size);
    case Framing::kMessages:
      return websocket_header(WebSocketOpcode::kBinary, size);
  }
  return {};
}

}  // namespace

FramedBatch::FramedBatch(std::shared_ptr<const SharedBlocks> blocks, Framing framing)
    : blocks_(std::move(blocks)), head_(frame_head(framing, blocks_->size())) {
  pieces_.reserve(blocks_->blocks().size() + 2);
  if (!head_.empty()) pieces_.push_back(buffer(head_.data(), head_.size()));
  for (const SharedBytes& block : blocks_->blocks())
    pieces_.push_back(buffer(block.data(), block.size()));
  if (framing == Framing::kChunked) pieces_.push_back(buffer(kCrlf.data(), kCrlf.size()));
  for (const iovec& piece : pieces_) size_ += piece.iov_len;
  if (size_ > kFlatLimit) return;
  flat_.reserve(size_);
  for (const iovec& piece : pieces_)
    flat_.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  pieces_ = {buffer(flat_.data(), flat_.size())};
}

std::shared_ptr<const FramedBatch> FramingCache::frame(
    const std::shared_ptr<const SharedBlocks>& blocks, Framing framing) {
  for (Slot& slot : slots_) {
    if (slot.batch && slot.batch->blocks() == blocks.get() && slot.framing == framing) {
      slot.used = true;
      return slot.batch;
    }
  }
  Slot& slot = slots_[next_slot_];
  next_slot_ = (next_slot_ + 1) % slots_.size();
  slot = {.used = true,
          .framing = framing,
          .batch = std::make_shared<const FramedBatch>(blocks, framing)};
  return slot.batch;
}

void FramingCache::forget_unused() {
  for (Slot& slot : slots_) {
    if (!std::exchange(slot.used, false)) slot.batch.reset();
  }
}

}  // namespace livestream::net
