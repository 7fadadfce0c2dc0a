#include "isobmff/box_reader.h"

namespace livestream {
namespace {

constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kLargeHeaderSize = 16;

}  // namespace

BoxOutcome BoxReader::next(Box& box) {
  ByteReader reader(rest_);
  std::uint64_t size = reader.u32();
  const ByteView type = reader.bytes(4);
  if (!reader.ok()) return BoxOutcome::kNeedMore;
  std::size_t header_size = kHeaderSize;
  if (size == 1) {
    size = reader.u64();
    if (!reader.ok()) return BoxOutcome::kNeedMore;
    header_size = kLargeHeaderSize;
  }
  if (size < header_size || size > max_box_size_) return BoxOutcome::kBad;
  if (size > rest_.size()) return BoxOutcome::kNeedMore;
  box.type = {reinterpret_cast<const char*>(type.data()), type.size()};
  box.whole = rest_.first(static_cast<std::size_t>(size));
  box.payload = box.whole.subspan(header_size);
  rest_ = rest_.subspan(box.whole.size());
  return BoxOutcome::kComplete;
}

std::optional<Box> find_box(ByteView bytes, std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view type = path.substr(0, slash);
    BoxReader reader(bytes);
    Box box;
    do {
      if (reader.next(box) != BoxOutcome::kComplete) return {};
    } while (box.type != type);
    if (slash == std::string_view::npos) return box;
    bytes = box.payload;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace livestream
