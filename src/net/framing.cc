#include "net/framing.h"

#include <utility>

#include <fmt/format.h>

#include "net/websocket.h"

namespace livestream::net {
namespace {

// Up to here one copy costs less than the gathering of many writes.
constexpr std::size_t kFlatLimit = std::size_t{64} * 1024;
constexpr std::string_view kCrlf = "\r\n";

iovec buffer(const void* data, std::size_t size) {
  return {.iov_base = const_cast<void*>(data), .iov_len = size};  // sendmsg does not write to it
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
  buffers_.reserve(blocks_->blocks().size() + 2);
  if (!head_.empty()) buffers_.push_back(buffer(head_.data(), head_.size()));
  for (const SharedBytes& block : blocks_->blocks())
    buffers_.push_back(buffer(block.data(), block.size()));
  if (framing == Framing::kChunked) buffers_.push_back(buffer(kCrlf.data(), kCrlf.size()));
  for (const iovec& piece : buffers_) size_ += piece.iov_len;
  if (size_ > kFlatLimit) return;
  flat_.reserve(size_);
  for (const iovec& piece : buffers_)
    flat_.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  buffers_ = {buffer(flat_.data(), flat_.size())};
}

std::shared_ptr<const FramedBatch> FramingCache::frame(
    const std::shared_ptr<const SharedBlocks>& blocks, Framing framing) {
  for (const Slot& slot : slots_) {
    if (slot.batch && slot.batch->blocks() == blocks.get() && slot.framing == framing)
      return slot.batch;
  }
  Slot& slot = slots_[next_slot_];
  next_slot_ = (next_slot_ + 1) % slots_.size();
  slot = {.framing = framing, .batch = std::make_shared<const FramedBatch>(blocks, framing)};
  return slot.batch;
}

}  // namespace livestream::net
