#include "source/ffmpeg_info.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <poll.h>
#include <sstream>
#include <string_view>
#include <thread>
#include <unistd.h>

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

std::string read_both(ChildProcess& child) {
  const std::array<UniqueFd, 2> fds = {child.take_output(), child.take_errors()};
  std::array<pollfd, 2> wanted = {pollfd{fds[0].get(), POLLIN, 0}, pollfd{fds[1].get(), POLLIN, 0}};
  std::array<std::string, 2> texts;
  std::array<char, 16384> buffer{};
  while (wanted[0].fd >= 0 || wanted[1].fd >= 0) {
    if (::poll(wanted.data(), wanted.size(), 10'000) <= 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].fd < 0 || wanted[i].revents == 0) continue;
      const ssize_t got = ::read(wanted[i].fd, buffer.data(), buffer.size());
      if (got > 0) texts[i].append(buffer.data(), static_cast<std::size_t>(got));
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) wanted[i].fd = -1;
    }
  }
  return texts[1] + "\n" + texts[0];
}

// A child that has closed its pipes ends within a moment.
bool ends_by_signal(ChildProcess& child) {
  for (int looks = 0; looks < 100; ++looks) {
    if (const std::optional<ExitStatus> status = child.try_reap()) return status->signal != 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

Result<std::string> find_program(const std::string& name) {
  const auto runnable = [](const std::string& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (name.find('/') != std::string::npos) {
    if (runnable(name)) return name;
    return fail(fmt::format("FFMPEG={}: there is no such program: {}", name, kInstall));
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (runnable(candidate)) return candidate;
  }
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

Result<FfmpegInfo> check_ffmpeg(const SourceSettings& settings, const EncodingSettings& encoding) {
  const Result<std::string> program = find_program(settings.ffmpeg);
  if (!program) return fail(program.error().message);
  auto child = ChildProcess::start(*program, {settings.ffmpeg, "-nostdin", "-encoders"},
                                   {.memory_mb = settings.ffmpeg_memory_mb});
  if (!child) return fail(child.error().message);
  FfmpegInfo info = parse_ffmpeg_info(read_both(*child));
  // One that was killed, by a machine short of memory for instance, has not said what it can do.
  if (ends_by_signal(*child)) return FfmpegInfo{};
  if (const Result<void> usable = check_usable(info, settings, encoding); !usable)
    return fail(usable.error().message);
  return info;
}

}  // namespace livestream
