// FlvReader: any bytes, and the same packets however they are sliced.
#include <variant>

#include "flv/flv_reader.h"
#include "fuzz.h"

using namespace livestream;

namespace {

// Counts packets and their bytes up to the first error.
struct Count {
  std::size_t packets = 0;
  std::size_t bytes = 0;
  bool failed = false;
  bool operator==(const Count&) const = default;

  void read(FlvReader& reader, ByteView slice) {
    if (failed) return;
    const auto read = reader.read(slice);
    if (!read) {
      failed = true;
      return;
    }
    packets += read->size();
    for (const Packet& packet : *read) {
      if (const auto* sample = std::get_if<Sample>(&packet)) bytes += sample->data.size();
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  FlvReader whole_reader;
  Count whole;
  whole.read(whole_reader, input.bytes);
  FlvReader sliced_reader;
  Count sliced;
  sliced.read(sliced_reader, input.bytes.first(input.cut()));
  sliced.read(sliced_reader, input.bytes.subspan(input.cut()));
  fuzz::require(whole.failed == sliced.failed, "a slicing does not decide whether FLV is good");
  if (!whole.failed) fuzz::require(whole == sliced, "a slicing changes no packet");
  return 0;
}
