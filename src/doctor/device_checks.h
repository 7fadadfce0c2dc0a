#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.h"
#include "doctor/tool_run.h"

namespace livestream {

// A picture format of a camera.
struct CameraFormat {
  // As VIDEO_INPUT_FORMAT names it; empty: this ffmpeg cannot use it.
  std::string name;
  // As VIDEO_INPUT_SIZE names them.
  std::vector<std::string> sizes;
  bool operator==(const CameraFormat&) const = default;
};

// Reads the log of `ffmpeg -f v4l2 -list_formats all`.
[[nodiscard]] std::vector<CameraFormat> parse_camera_formats(std::string_view log);
// A camera that was asked for its formats.
[[nodiscard]] Check camera_check(const std::string& device, const ToolResult& result);

// The capture devices in the text of /proc/asound/pcm, as AUDIO_DEVICE names them, with the card's
// own name: `hw:1,0 (USB Audio)`.
[[nodiscard]] std::vector<std::string> parse_microphones(std::string_view pcm);

// The devices in the log of `ffmpeg -f avfoundation -list_devices true`.
struct AvFoundationDevices {
  std::vector<std::string> cameras;
  std::vector<std::string> microphones;
  bool operator==(const AvFoundationDevices&) const = default;
};
[[nodiscard]] AvFoundationDevices parse_avfoundation(std::string_view log);

// Looks for cameras and microphones, and asks the cameras for their formats. Runs the loop; blocks
// for some seconds at most.
[[nodiscard]] std::vector<Check> device_checks(boost::asio::io_context& loop,
                                               const FfmpegStarter& starter,
                                               const std::string& ffmpeg);

// The device belongs to the group `group` (empty: not known), and this user may not open it.
[[nodiscard]] Check refused_check(const std::string& kind, const std::string& device,
                                  const std::string& group);

}  // namespace livestream
