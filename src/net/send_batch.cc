#include "net/send_batch.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "net/socket.h"

namespace livestream::net {
namespace {

// Not a result of any send.
constexpr int kNotMade = std::numeric_limits<int>::min();

}  // namespace

void SendBatch::add(int descriptor, std::span<const iovec> pieces) {
  pieces = pieces.first(std::min(pieces.size(), kMostPieces));
  pieces_.insert(pieces_.end(), pieces.begin(), pieces.end());
  entries_[size_++] = {.descriptor = descriptor, .pieces = pieces.size()};
}

void SendBatch::send_by_ring(std::span<const Send> sends) {
  // Made here and not at construction, because a ring belongs to the thread that makes it.
  if (make_ring_) ring_ = std::exchange(make_ring_, nullptr)(kMost);
  if (ring_ != nullptr && !ring_->send(sends, std::span(results_).first(sends.size())))
    ring_.reset();
}

std::span<const int> SendBatch::send() {
  std::array<Send, kMost> sends;
  const iovec* pieces = pieces_.data();
  for (std::size_t i = 0; i < size_; ++i) {
    sends[i] = {.descriptor = entries_[i].descriptor, .pieces = {pieces, entries_[i].pieces}};
    pieces += entries_[i].pieces;
    results_[i] = kNotMade;
  }
  const std::size_t size = std::exchange(size_, 0);
  if (size > 0) send_by_ring({sends.data(), size});
  for (std::size_t i = 0; i < size; ++i) {
    if (results_[i] == kNotMade) results_[i] = send_now(sends[i].descriptor, sends[i].pieces);
  }
  pieces_.clear();
  return std::span(results_).first(size);
}

}  // namespace livestream::net
