// BoxReader, at every level.
#include "fuzz.h"
#include "isobmff/box_reader.h"

using namespace livestream;

namespace {

void walk(ByteView bytes, int depth) {
  BoxReader reader(bytes);
  Box box;
  while (reader.next(box) == BoxOutcome::kComplete) {
    fuzz::require(box.whole.size() >= 8 && box.payload.size() < box.whole.size(),
                  "a box has a header");
    fuzz::require(box.whole.data() >= bytes.data() &&
                      box.whole.data() + box.whole.size() <= bytes.data() + bytes.size(),
                  "a box is inside of what was read");
    fuzz::require(reader.rest().data() == box.whole.data() + box.whole.size(),
                  "boxes follow each other");
    if (depth > 0) walk(box.payload, depth - 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  walk(input.bytes, 6);
  for (const char* path :
       {"moov", "moov/trak/mdia/minf/stbl/stsd", "moof/traf/tfdt", "", "/", "moov//trak"})
    (void)find_box(input.bytes, path);
  return 0;
}
