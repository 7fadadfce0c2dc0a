#include "isobmff/state_message.h"

#include "isobmff/box_writer.h"

namespace livestream {

Fragment write_state_message(std::uint64_t sequence, MediaTime at, SteadyTime now,
                             std::string_view json) {
  constexpr std::uint32_t kTimescale = 1000;
  constexpr std::uint32_t kUnknownDuration = 0xffffffff;
  ByteWriter writer;
  writer.reserve(kStateScheme.size() + json.size() + 48);
  {
    const BoxWriter emsg(writer, "emsg", 1, 0);
    writer.u32(kTimescale);
    writer.u64(static_cast<std::uint64_t>(at.in(kTimescale).ticks));
    writer.u32(kUnknownDuration);
    writer.u32(static_cast<std::uint32_t>(public_number(sequence)));
    writer.text(kStateScheme);
    writer.u8(0);
    writer.text("1");
    writer.u8(0);
    writer.text(json);
  }
  Fragment fragment;
  fragment.sequence = sequence;
  fragment.track_id = kMessageTrackId;
  fragment.decode_time = at.in(kTimescale);
  fragment.duration = {0, kTimescale};
  fragment.arrived = now;
  fragment.bytes = SharedBytes(writer.take());
  return fragment;
}

}  // namespace livestream
