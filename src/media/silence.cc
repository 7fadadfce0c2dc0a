#include "media/silence.h"

namespace livestream {
namespace {

class BitWriter {
 public:
  void bits(std::uint32_t value, unsigned count) {
    while (count-- > 0) {
      if (used_ % 8 == 0) bytes_.push_back(0);
      bytes_.back() |= static_cast<std::uint8_t>((value >> count & 1) << (7 - used_ % 8));
      ++used_;
    }
  }
  [[nodiscard]] Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
  std::size_t used_ = 0;
};

// individual_channel_stream with max_sfb 0, after which nothing else is there to be said.
void write_channel(BitWriter& writer) {
  writer.bits(0, 8);  // global_gain
  writer.bits(0, 1);  // ics_reserved_bit
  writer.bits(0, 2);  // window_sequence: ONLY_LONG_SEQUENCE
  writer.bits(0, 1);  // window_shape
  writer.bits(0, 6);  // max_sfb
  writer.bits(0, 1);  // predictor_data_present
  writer.bits(0, 3);  // pulse_data_present, tns_data_present, gain_control_data_present
}

}  // namespace

Bytes silent_aac_frame(std::uint32_t channels) {
  constexpr std::uint32_t kSingle = 0;
  constexpr std::uint32_t kPair = 1;
  constexpr std::uint32_t kEnd = 7;
  BitWriter writer;
  writer.bits(channels == 1 ? kSingle : kPair, 3);
  writer.bits(0, 4);                     // element_instance_tag
  if (channels != 1) writer.bits(0, 1);  // common_window
  write_channel(writer);
  if (channels != 1) write_channel(writer);
  writer.bits(kEnd, 3);
  return writer.take();
}

}  // namespace livestream
