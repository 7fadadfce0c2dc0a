#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/stream_settings.h"
#include "doctor/check.h"
#include "doctor/tool_run.h"
#include "source/ffmpeg_info.h"

namespace livestream {

// The H.264 encoders to try: those of a short list, and those that streams ask for, if this ffmpeg
// lists them. Pure, as all below.
[[nodiscard]] std::vector<std::string> encoders_to_try(const FfmpegInfo& info,
                                                       const std::set<std::string>& wanted);

// Encodes ten frames as the server does, to descriptor 1.
[[nodiscard]] std::vector<std::string> encoder_trial(const std::string& ffmpeg,
                                                     const FfmpegInfo& info,
                                                     const std::string& encoder);
// The same for a third of a second of sound.
[[nodiscard]] std::vector<std::string> aac_trial(const std::string& ffmpeg);

// The check of an encoder that was tried. An encoder that does not work is a fault only if it is
// `needed`.
[[nodiscard]] Check encoder_check(const std::string& encoder, const ToolResult& result,
                                  bool needed);

// The check of `ffmpeg -encoders`; `info` is filled if it answered.
[[nodiscard]] Check ffmpeg_check(const std::string& ffmpeg, const ToolResult& result,
                                 FfmpegInfo& info);

// The encoders that the streams ask for. libx264 is always among them, because slates and standing
// pictures are made with it where the picture is passed through.
[[nodiscard]] std::set<std::string> encoders_wanted(const std::vector<StreamSettings>& streams);

}  // namespace livestream
