#include "source/ffmpeg_info.h"

#include <cstdio>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "source/child_process.h"

namespace livestream {
namespace {

constexpr int kOldestMajor = 4;
constexpr int kOldestMinor = 1;
constexpr const char* kInstall =
    "install it (Debian, Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg) or set FFMPEG to "
    "its path";

// The version in "ffmpeg version 5.1.9-0+deb12u1 Copyright ..." or "ffmpeg version n6.0 ...".
void read_version(const std::string& line, FfmpegInfo& info) {
  constexpr std::string_view kStart = "ffmpeg version ";
  if (!line.starts_with(kStart)) return;
  std::size_t at = kStart.size();
  if (at < line.size() && line[at] == 'n') ++at;
  int major = 0;
  int minor = 0;
  // A nightly build has a name like N-109542-g..., a snapshot a date: both are current.
  if (std::sscanf(line.c_str() + at, "%d.%d", &major, &minor) == 2 && major < 1000) {
    info.major = major;
    info.minor = minor;
  }
}

}  // namespace

Result<std::string> find_program(const std::string& name) {
  std::optional<std::string> path = path_of_program(name);
  if (path) return *std::move(path);
  if (name.find('/') != std::string::npos)
    return fail(fmt::format("FFMPEG={}: there is no such program: {}", name, kInstall));
  return fail(fmt::format("{} is not installed: {}", name, kInstall));
}

FfmpegInfo parse_ffmpeg_info(const std::string& output) {
  FfmpegInfo info;
  std::istringstream lines(output);
  bool in_list = false;
  for (std::string line; std::getline(lines, line);) {
    read_version(line, info);
    // " V..... = Video" explains the columns; the list begins after " ------".
    if (line.find("------") != std::string::npos) {
      in_list = true;
    } else if (in_list) {
      std::istringstream fields(line);
      std::string flags;
      std::string name;
      if (fields >> flags >> name) info.encoders.insert(name);
    }
  }
  return info;
}

Result<void> check_usable(const FfmpegInfo& info, const SourceSettings& settings,
                          const EncodingSettings& encoding) {
  if (info.older_than(kOldestMajor, kOldestMinor)) {
    return fail(fmt::format("ffmpeg {}.{} is too old, {}.{} or newer is needed: {}", info.major,
                            info.minor, kOldestMajor, kOldestMinor, kInstall));
  }
  if (info.encoders.empty()) {
    return fail(
        fmt::format("{} does not work (it lists no encoders): {}", settings.ffmpeg, kInstall));
  }
  const std::string& codec = encoding.video_codec == "copy" ? "libx264" : encoding.video_codec;
  if (!info.encoders.contains(codec)) {
    if (codec == "libx264") {
      return fail(fmt::format("this ffmpeg has no libx264 encoder: {}", kInstall));
    }
    return fail(fmt::format("VIDEO_CODEC={}: this ffmpeg has no such encoder; use libx264", codec));
  }
  if (!info.encoders.contains("aac"))
    return fail(fmt::format("this ffmpeg has no aac encoder: {}", kInstall));
  return {};
}

}  // namespace livestream
