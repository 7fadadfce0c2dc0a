#include "doctor/device_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kFormats =
    "video4linux2,v4l2: Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 320x240\n"
    "video4linux2,v4l2: Compressed:       mjpeg :          Motion-JPEG : 1920x1080 1280x720\n"
    "video4linux2,v4l2: Compressed: Unsupported :                 MPEG : 640x480\n"
    "/dev/video0: Immediate exit requested\n";

TEST(CameraFormats, AreThoseOfFfmpegsList) {
  EXPECT_THAT(
      parse_camera_formats(kFormats),
      ElementsAre(CameraFormat{"yuyv422", {"640x480", "320x240"}},
                  CameraFormat{"mjpeg", {"1920x1080", "1280x720"}}, CameraFormat{"", {"640x480"}}));
  EXPECT_THAT(parse_camera_formats("/dev/video0: Not a video capture device.\n"), IsEmpty());
}

TEST(CameraFormats, MayBeCutAnywhere) {
  const std::string text = kFormats;
  for (std::size_t i = 0; i <= text.size(); ++i)
    EXPECT_LE(parse_camera_formats(text.substr(0, i)).size(), 3u);
}

TEST(CameraCheck, ListsFormatsInTheFormOfTheSettings) {
  ToolResult result;
  result.log = kFormats;
  result.exit.code = 1;
  EXPECT_EQ(camera_check("/dev/video0", result),
            (Check{Verdict::kOk, "camera /dev/video0",
                   "yuyv422 640x480 320x240; mjpeg 1920x1080 1280x720"}));
}

TEST(CameraCheck, TellsACameraThatHangsFromOtherDevices) {
  ToolResult result;
  EXPECT_EQ(camera_check("/dev/video1", result).verdict, Verdict::kOk);
  result.timed_out = true;
  EXPECT_EQ(camera_check("/dev/video1", result).verdict, Verdict::kWarning);
}

TEST(Microphones, AreTheDevicesThatCapture) {
  EXPECT_THAT(parse_microphones("00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1\n"
                                "00-03: HDMI 0 : HDMI 0 : playback 1\n"
                                "02-00: USB Audio : USB Audio : capture 1\n"
                                "nonsense : capture 1\n"),
              ElementsAre("hw:0,0 (ALC257 Analog)", "hw:2,0 (USB Audio)"));
  EXPECT_THAT(parse_microphones(""), IsEmpty());
}

TEST(AvFoundation, ListsCamerasAndMicrophonesApart) {
  const AvFoundationDevices devices = parse_avfoundation(
      "AVFoundation indev: AVFoundation video devices:\n"
      "AVFoundation indev: [0] FaceTime HD Camera\n"
      "AVFoundation indev: [1] Capture screen 0\n"
      "AVFoundation indev: AVFoundation audio devices:\n"
      "AVFoundation indev: [0] MacBook Microphone\n"
      ": Input/output error\n");
  EXPECT_THAT(devices.cameras, ElementsAre("FaceTime HD Camera", "Capture screen 0"));
  EXPECT_THAT(devices.microphones, ElementsAre("MacBook Microphone"));
}

TEST(RefusedCheck, NamesTheGroupThatMayOpenTheDevice) {
  const Check check = refused_check("camera", "/dev/video0", "video");
  EXPECT_EQ(check.verdict, Verdict::kWarning);
  EXPECT_THAT(check.text, HasSubstr("usermod -aG video"));
  EXPECT_THAT(refused_check("camera", "/dev/video0", "root").text, Not(HasSubstr("usermod")));
}

}  // namespace
}  // namespace livestream
