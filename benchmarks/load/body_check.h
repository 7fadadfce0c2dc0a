#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace livestream::load {

// Checks one viewer's body as it arrives: the chunked coding, the boxes, and the rules of /stream.
// An init segment comes first, the first fragment is independent, fragments come whole and in
// order, and after a gap the next one is independent again.
class BodyCheck {
 public:
  void set_chunked(bool chunked) { chunked_ = chunked; }
  void read(ByteView bytes);

  // The first error; empty when there is none.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::uint64_t fragments() const { return fragments_; }
  // The number of gaps in the sequence numbers, where the viewer lagged and skipped to a newer GOP.
  [[nodiscard]] std::uint64_t gaps() const { return gaps_; }
  // Decode time of the newest video fragment, in seconds; 0 before the first.
  [[nodiscard]] double media_s() const {
    return timescale_ == 0 ? 0 : static_cast<double>(decode_time_) / timescale_;
  }

 private:
  enum class ChunkState : std::uint8_t { kSize, kData, kEnd };

  void read_body(ByteView bytes);
  void begin_box();
  void end_box();
  void read_moov();
  void read_moof();
  void wrong(std::string what);

  bool chunked_ = false;
  ChunkState chunk_state_ = ChunkState::kSize;
  std::string chunk_line_;
  std::size_t chunk_left_ = 0;

  // The box's header; for moov and moof the whole box.
  Bytes box_;
  std::size_t box_left_ = 0;
  bool keep_box_ = false;

  std::uint32_t timescale_ = 0;  // of the video track
  std::uint64_t decode_time_ = 0;
  std::uint32_t sequence_ = 0;  // of the last fragment
  bool has_init_ = false;
  // A moof has come and its mdat is next.
  bool has_moof_ = false;
  std::uint64_t fragments_ = 0;
  std::uint64_t gaps_ = 0;
  std::string error_;
};

}  // namespace livestream::load
