#include "doctor/device_checks.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <grp.h>

#include "base/ascii.h"

namespace livestream {
namespace {

constexpr std::chrono::seconds kListLimit{3};
constexpr std::size_t kWidth = 2;

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

std::string group_of(const std::string& path) {
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0) return {};
  const group* entry = ::getgrgid(state.st_gid);
  return entry == nullptr ? "" : entry->gr_name;
}

bool is_refused(const std::string& path) {
  return ::access(path.c_str(), R_OK | W_OK) != 0 && errno == EACCES;
}

std::vector<std::string> devices_in(const std::string& folder, const std::string& prefix) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix)) found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Check list_check(const char* subject, const std::vector<std::string>& names) {
  if (names.empty()) return {Verdict::kOk, subject, "none found"};
  return {Verdict::kOk, subject, fmt::format("{}", fmt::join(names, ", "))};
}

std::vector<Check> camera_checks(boost::asio::io_context& loop, const FfmpegStarter& starter,
                                 const std::string& ffmpeg) {
  std::vector<Check> checks;
  std::vector<std::string> usable;
  std::vector<ToolCommand> commands;
  for (const std::string& device : devices_in("/dev", "video")) {
    if (is_refused(device)) {
      checks.push_back(refused_check("camera", device, group_of(device)));
      continue;
    }
    usable.push_back(device);
    commands.push_back({{ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "level+info", "-f",
                         "v4l2", "-list_formats", "all", "-i", device}});
  }
  const std::vector<ToolResult> results = run_tools(loop, starter, commands, kWidth, kListLimit);
  for (std::size_t i = 0; i < usable.size(); ++i)
    checks.push_back(camera_check(usable[i], results[i]));
  if (checks.empty()) checks.push_back(list_check("cameras", {}));
  return checks;
}

std::vector<Check> microphone_checks() {
  std::vector<Check> checks;
  for (const std::string& device : devices_in("/dev/snd", "pcm")) {
    if (device.ends_with('c') && is_refused(device))
      checks.push_back(refused_check("microphone", device, group_of(device)));
  }
  std::ifstream file("/proc/asound/pcm");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  checks.push_back(list_check("microphones", parse_microphones(text)));
  return checks;
}

}  // namespace

std::vector<CameraFormat> parse_camera_formats(std::string_view log) {
  std::vector<CameraFormat> formats;
  std::istringstream lines{std::string(log)};
  for (std::string line; std::getline(lines, line);) {
    // "video4linux2,v4l2: Compressed:       mjpeg :          Motion-JPEG : 640x480 320x240"
    std::size_t start = std::min(line.find("Raw  "), line.find("Compressed:"));
    if (start == std::string::npos) continue;
    start = line.find(':', start);
    if (start == std::string::npos) continue;
    const std::size_t name_end = line.find(" :", start + 1);
    const std::size_t sizes_start = line.rfind(" : ");
    if (name_end == std::string::npos || sizes_start <= name_end) continue;
    CameraFormat format;
    format.name = trim(std::string_view(line).substr(start + 1, name_end - start - 1));
    if (format.name == "Unsupported") format.name.clear();
    format.sizes = words_of(std::string_view(line).substr(sizes_start + 3));
    formats.push_back(std::move(format));
  }
  return formats;
}

Check camera_check(const std::string& device, const ToolResult& result) {
  const std::string subject = fmt::format("camera {}", device);
  std::vector<std::string> texts;
  for (const CameraFormat& format : parse_camera_formats(result.log)) {
    if (!format.name.empty())
      texts.push_back(fmt::format("{} {}", format.name, fmt::join(format.sizes, " ")));
  }
  if (!texts.empty()) return {Verdict::kOk, subject, fmt::format("{}", fmt::join(texts, "; "))};
  if (result.timed_out) {
    return {Verdict::kWarning, subject,
            "does not answer; unplug it and plug it in again, or see whether a program uses it"};
  }
  // Boards have many such devices that encode, scale or carry metadata.
  return {Verdict::kOk, subject, "gives no pictures that ffmpeg can use: not a camera"};
}

std::vector<std::string> parse_microphones(std::string_view pcm) {
  std::vector<std::string> found;
  std::istringstream lines{std::string(pcm)};
  for (std::string line; std::getline(lines, line);) {
    // "01-00: USB Audio : USB Audio : playback 1 : capture 1"
    int card = 0;
    int device = 0;
    if (std::sscanf(line.c_str(), "%d-%d:", &card, &device) != 2) continue;
    if (line.find(": capture ") == std::string::npos) continue;
    const std::size_t start = line.find(": ") + 2;
    const std::string_view name =
        std::string_view(line).substr(start, line.find(" : ", start) - start);
    found.push_back(fmt::format("hw:{},{} ({})", card, device, trim(name)));
  }
  return found;
}

AvFoundationDevices parse_avfoundation(std::string_view log) {
  AvFoundationDevices devices;
  std::vector<std::string>* list = nullptr;
  std::istringstream lines{std::string(log)};
  for (std::string line; std::getline(lines, line);) {
    if (line.find("AVFoundation video devices") != std::string::npos) list = &devices.cameras;
    if (line.find("AVFoundation audio devices") != std::string::npos) list = &devices.microphones;
    const std::size_t number = line.find('[');
    const std::size_t end = line.find("] ", number);
    if (list == nullptr || number == std::string::npos || end == std::string::npos) continue;
    list->push_back(line.substr(end + 2));
  }
  return devices;
}

Check refused_check(const std::string& kind, const std::string& device, const std::string& group) {
  const std::string cure =
      group.empty() || group == "root"
          ? "let this user read and write it"
          : fmt::format(
                "add the user to the group {0} (sudo usermod -aG {0} USER) and log in "
                "again; in a systemd unit: SupplementaryGroups={0}",
                group);
  return {Verdict::kWarning, fmt::format("{} {}", kind, device),
          fmt::format("this user may not open it; {}", cure)};
}

std::vector<Check> device_checks(boost::asio::io_context& loop, const FfmpegStarter& starter,
                                 const std::string& ffmpeg) {
#ifdef __APPLE__
  const std::vector<ToolResult> results =
      run_tools(loop, starter,
                {{{ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "level+info", "-f",
                   "avfoundation", "-list_devices", "true", "-i", ""}}},
                kWidth, kListLimit);
  const AvFoundationDevices devices = parse_avfoundation(results.front().log);
  return {list_check("cameras", devices.cameras), list_check("microphones", devices.microphones)};
#else
  std::vector<Check> checks = camera_checks(loop, starter, ffmpeg);
  const std::vector<Check> microphones = microphone_checks();
  checks.insert(checks.end(), microphones.begin(), microphones.end());
  return checks;
#endif
}

}  // namespace livestream
