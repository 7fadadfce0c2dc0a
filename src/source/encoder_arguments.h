#pragma once

#include <string>
#include <vector>

#include "config/encoding_settings.h"
#include "source/ffmpeg_info.h"

namespace livestream {

// What one H.264 encoder wants besides what all of them want.
struct EncoderArguments {
  std::vector<std::string> global;  // before the inputs
  std::string pixel_filter;         // the end of the filter chain
  std::vector<std::string> output;  // after -c:v NAME
};

// For VIDEO_CODEC other than copy. An encoder that is not known by name gets a bitrate and nothing
// else.
[[nodiscard]] EncoderArguments encoder_arguments(const EncodingSettings& encoding);

// The output side of a command, which whatever feeds a stream shares, so that viewers need one init
// segment for all of it: the encoder of VIDEO_CODEC (not copy) behind `filter`, GOPs of one second,
// closed and without B-frames; AAC; FLV on `descriptor`.
void append_video_output(std::vector<std::string>& arguments, const EncodingSettings& encoding,
                         const FfmpegInfo& ffmpeg, const std::string& filter);
void append_audio_output(std::vector<std::string>& arguments, const EncodingSettings& encoding);
void append_flv_output(std::vector<std::string>& arguments, int descriptor);

// Frames from one independent one to the next.
[[nodiscard]] unsigned gop_frames(const EncodingSettings& encoding);
// As ffmpeg takes it: 25, 30000/1001.
[[nodiscard]] std::string rate_text(const FrameRate& rate);

}  // namespace livestream
