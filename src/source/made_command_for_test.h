#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "config/stream_settings.h"
#include "source/ffmpeg_command.h"

namespace livestream {

// The commands that the tests look at, and what is in them.

using Arguments = std::vector<std::string>;

inline StreamSettings config_for(const std::string& video_file) {
  StreamSettings config;
  config.source.video_file = video_file;
  config.source.video_file_is_default = false;
  return config;
}

inline FfmpegCommand made(const StreamSettings& config, const CommandFacts& facts = {}) {
  const Result<SourceSpec> source = detect_source(config.source);
  EXPECT_TRUE(source) << config.source.video_file;
  return ffmpeg_command(config.source, config.encoding, source.value_or(SourceSpec{}), facts);
}

inline FfmpegCommand made(const std::string& video_file, const CommandFacts& facts = {}) {
  return made(config_for(video_file), facts);
}

inline Arguments command_with_both_sounds(const StreamSettings& config, const CommandFacts& facts) {
  const Result<SourceSpec> source = detect_source(config.source);
  return command_with_both_sounds(config.source, config.encoding, source.value_or(SourceSpec{}),
                                  facts)
      .arguments;
}

inline Arguments command(const StreamSettings& config, const CommandFacts& facts = {}) {
  return made(config, facts).arguments;
}

inline Arguments command(const std::string& video_file, const CommandFacts& facts = {}) {
  return made(video_file, facts).arguments;
}

// All values of an option, in order.
inline Arguments values_of(const Arguments& arguments, const std::string& option) {
  Arguments values;
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == option) values.push_back(arguments[i + 1]);
  }
  return values;
}

inline std::string value_of(const Arguments& arguments, const std::string& option) {
  const Arguments values = values_of(arguments, option);
  return values.empty() ? "(absent)" : values.front();
}

// The arguments before an option's first value: the options of an input.
inline Arguments before(const Arguments& arguments, const std::string& value) {
  return {arguments.begin(), std::find(arguments.begin(), arguments.end(), value)};
}

inline CommandFacts described(const std::string& format, std::vector<StreamFacts> streams,
                              double seconds = 0) {
  CommandFacts facts;
  facts.input.format = format;
  facts.input.streams = std::move(streams);
  if (seconds > 0) facts.input.duration = std::chrono::duration<double>(seconds);
  return facts;
}

inline const StreamFacts kH264 = {.index = 0, .kind = StreamKind::kVideo, .codec = "h264"};
inline const StreamFacts kAac = {.index = 1, .kind = StreamKind::kAudio, .codec = "aac"};
inline const StreamFacts kAacLc = {.index = 1,
                                   .kind = StreamKind::kAudio,
                                   .codec = "aac",
                                   .is_aac_lc = true,
                                   .placed_channels = 2,
                                   .sample_rate = 48'000};

}  // namespace livestream
