#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/encoding_settings.h"
#include "source/ffmpeg_info.h"

namespace livestream {

// The arguments of one H.264 encoder beside those that all of them get.
struct EncoderArguments {
  // Before the inputs.
  std::vector<std::string> global;
  // The end of the filter chain.
  std::string pixel_filter;
  // After -c:v NAME.
  std::vector<std::string> output;
};

// For VIDEO_CODEC other than copy. An encoder that is not known by name gets a bitrate and nothing
// else.
[[nodiscard]] EncoderArguments encoder_arguments(const EncodingSettings& encoding);

// The output side of a command. All that feeds a stream shares it, so that viewers need one init
// segment for all of it: the encoder of VIDEO_CODEC (not copy) behind `filter`, GOPs of one second,
// closed and without B-frames; AAC; FLV on `descriptor`.
void append_video_output(std::vector<std::string>& arguments, const EncodingSettings& encoding,
                         const FfmpegInfo& ffmpeg, const std::string& filter);
void append_audio_output(std::vector<std::string>& arguments, const EncodingSettings& encoding);
void append_flv_output(std::vector<std::string>& arguments, int descriptor);

// The frames per second of what is sent; nothing when the source's own frames are.
[[nodiscard]] std::optional<FrameRate> rate_of_encoder(const EncodingSettings& encoding);
// The number of frames from one independent frame to the next.
[[nodiscard]] unsigned gop_frames(const EncodingSettings& encoding);
// As ffmpeg takes it: 25, 30000/1001.
[[nodiscard]] std::string rate_text(const FrameRate& rate);

}  // namespace livestream
