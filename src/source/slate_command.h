#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/encoding_settings.h"
#include "config/source_settings.h"
#include "source/ffmpeg_info.h"

namespace livestream {

// The order for a slate.
struct SlateOrder {
  // The source's last picture: darkened, with words that the source is away; unchanged; darkened
  // without words; or with the words alone, because it is dark already.
  enum class Look : std::uint8_t { kAway, kAsItWas, kOld, kOldAway };

  // The stream's last GOP comes on standard input as MP4: the frame of this number, counted from 1,
  // is shown. 0: there is none, a plain picture.
  std::uint64_t gop_frames = 0;
  Look look = Look::kAway;
  // This ffmpeg has the drawtext filter and a font.
  bool text = true;
  FfmpegInfo ffmpeg;
};

// The argument vector, program first, that makes slate_frames() frames of a still picture, with the
// output of ffmpeg_command so that the same init segment fits, and as much silence, as FLV on
// descriptor 1. Pure.
[[nodiscard]] std::vector<std::string> slate_command(const SourceSettings& settings,
                                                     const EncodingSettings& encoding,
                                                     const SlateOrder& order);

// Two GOPs: an IDR that follows directly on another one must differ from it (idr_pic_id, ISO/IEC
// 14496-10 §7.4.3), and so one GOP of a single frame could not be repeated.
[[nodiscard]] unsigned slate_frames(const EncodingSettings& encoding);

}  // namespace livestream
