#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "config/video_size.h"
#include "source/ffmpeg_info.h"

namespace livestream {

// The relay of uncoded pictures: the form in which the ffmpeg that reads a source hands over
// pictures whose shape differs from the first one's, because its encoder keeps the size that it was
// opened with.
//
// The relay has one picture for each picture of the encoder's output, in the same order. It is raw
// yuv420p, without a container. Until the shape changes, all pictures are 16x16 and only count;
// from then on they are whole. Size, or shape of a sample, may change at each picture, so that each
// brings its own size along, in rows and columns around it:
//
//     white     P       white rows: at least two
//     black             two black rows
//     picture   black   P = an eighth of the number of all rows, which is a multiple of 16
//
// The first row is as many white samples as the picture is wide, then P black ones.
struct RelayedPicture {
  // Of the picture, and of the whole with its frame.
  VideoSize size;
  VideoSize framed;
  // Rows above the picture.
  std::uint32_t top = 0;
  bool operator==(const RelayedPicture&) const = default;
};

// Where a picture counts and is not shown.
inline constexpr VideoSize kCountingPicture = {16, 16};

// The filter that makes the relay out of decoded pictures. `width` and `height` are expressions of
// ffmpeg's scale filter, in `iw`, `ih` and `sar`: the size with square samples. The filter must see
// all pictures of a run: it compares each with the first (`-reinit_filter:v 0`).
[[nodiscard]] std::string relay_filter(const std::string& width, const std::string& height);

// The command of the ffmpeg that encodes pictures of one shape: relayed pictures in on descriptor
// 0, FLV out on descriptor 1, the first one at `start_ms`.
[[nodiscard]] std::vector<std::string> shape_command(const SourceSettings& settings,
                                                     const EncodingSettings& encoding,
                                                     const FfmpegInfo& ffmpeg,
                                                     const RelayedPicture& shape,
                                                     std::int64_t start_ms);

// Cuts a relay into pictures.
class RelayReader {
 public:
  struct Piece {
    RelayedPicture picture;
    Bytes bytes;
  };
  // The pictures that `bytes` completes. Fails permanently on bytes that are not a relay.
  [[nodiscard]] Result<std::vector<Piece>> read(ByteView bytes);

 private:
  [[nodiscard]] static Result<std::optional<RelayedPicture>> read_frame(ByteView bytes);

  Bytes pending_;
  // The picture under way, once enough of its frame is there.
  std::optional<RelayedPicture> picture_;
};

}  // namespace livestream
