#include "source/source_spec.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::HasSubstr;

SourceSettings settings_for(const std::string& video_file) {
  SourceSettings settings;
  settings.video_file = video_file;
  settings.video_file_is_default = false;
  return settings;
}

SourceSpec detected(const std::string& video_file) {
  const Result<SourceSpec> spec = detect_source(settings_for(video_file));
  EXPECT_TRUE(spec) << video_file;
  return spec.value_or(SourceSpec{});
}

struct Row {
  const char* video_file;
  SourceKind kind;
  const char* scheme;
  const char* location;
};

TEST(SourceSpec, DetectsEveryRowOfTheTable) {
  const Row rows[] = {
      {"video.mp4", SourceKind::kFile, "", "video.mp4"},
      {"/a/b c.mkv", SourceKind::kFile, "", "/a/b c.mkv"},
      {"-i", SourceKind::kFile, "", "-i"},
      {"C:\\clips\\a.mp4", SourceKind::kFile, "", "C:\\clips\\a.mp4"},
      {"concat:a|b", SourceKind::kFile, "", "concat:a|b"},
      {"file:///tmp/a%20b.mp4", SourceKind::kFile, "", "/tmp/a b.mp4"},
      {"FILE://localhost/tmp/x.mp4", SourceKind::kFile, "", "/tmp/x.mp4"},
      {"rtsp://u:p@10.0.0.1:554/s", SourceKind::kNetwork, "rtsp", "rtsp://u:p@10.0.0.1:554/s"},
      {"RTSPS://h/s", SourceKind::kNetwork, "rtsps", "rtsps://h/s"},
      {"rtmp://h/app/key", SourceKind::kNetwork, "rtmp", "rtmp://h/app/key"},
      {"rtmps://h/app/key", SourceKind::kNetwork, "rtmps", "rtmps://h/app/key"},
      {"srt://h:9000?mode=caller", SourceKind::kNetwork, "srt", "srt://h:9000?mode=caller"},
      {"udp://239.0.0.1:1234", SourceKind::kNetwork, "udp", "udp://239.0.0.1:1234"},
      {"tcp://h:1?listen=1", SourceKind::kNetwork, "tcp", "tcp://h:1?listen=1"},
      {"rtp://h:5004", SourceKind::kNetwork, "rtp", "rtp://h:5004"},
      {"http://h/live.m3u8", SourceKind::kHttp, "http", "http://h/live.m3u8"},
      {"HTTPS://h/a.mp4", SourceKind::kHttp, "https", "https://h/a.mp4"},
      {"/dev/video0", SourceKind::kDevice, "v4l2", "/dev/video0"},
      {"avfoundation:OBS Virtual Camera", SourceKind::kDevice, "avfoundation",
       "OBS Virtual Camera"},
      {"avfoundation:1", SourceKind::kDevice, "avfoundation", "1"},
      {"avfoundation:0:0", SourceKind::kDevice, "avfoundation", "0:0"},
      {"avfoundation:Capture screen 0", SourceKind::kDevice, "avfoundation", "Capture screen 0"},
      {"dshow:video=Webcam", SourceKind::kDevice, "dshow", "video=Webcam"},
      {"dshow:Webcam", SourceKind::kDevice, "dshow", "video=Webcam"},
      {"video=Webcam:audio=Mic", SourceKind::kDevice, "dshow", "video=Webcam:audio=Mic"},
      {"demo", SourceKind::kDemo, "", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(detected(row.video_file), (SourceSpec{row.kind, row.scheme, row.location, {}}))
        << row.video_file;
  }
}

TEST(SourceSpec, RefusesAnUnknownSchemeAndNamesTheAllowedOnes) {
  for (const char* text : {"ftp://u:secret@h/x.mp4", "concat://a", "lavfi://x", "rtpp://h"}) {
    const Result<SourceSpec> spec = detect_source(settings_for(text));
    ASSERT_FALSE(spec) << text;
    EXPECT_THAT(spec.error().message, HasSubstr("rtsp://"));
    EXPECT_THAT(spec.error().message, HasSubstr("is not served"));
    EXPECT_THAT(spec.error().message, Not(HasSubstr("secret")));
  }
}

TEST(SourceSpec, RefusesASchemeOrDeviceWithoutAnAddress) {
  EXPECT_FALSE(detect_source(settings_for("rtsp://")));
  EXPECT_FALSE(detect_source(settings_for("http://")));
  EXPECT_FALSE(detect_source(settings_for("avfoundation:")));
}

TEST(SourceSpec, GrowingFileIsForFilesOnly) {
  SourceSettings settings = settings_for("rec.mkv");
  settings.growing_file = true;
  EXPECT_EQ(detect_source(settings)->kind, SourceKind::kGrowingFile);
  settings.video_file = "rtsp://h/s";
  EXPECT_EQ(detect_source(settings)->kind, SourceKind::kNetwork);
}

TEST(SourceSpec, AMissingDefaultFileBecomesTheDemoAndSaysSo) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "source_spec_default";
  std::filesystem::create_directories(folder);
  SourceSettings settings;
  settings.video_file = (folder / "video.mp4").string();
  std::filesystem::remove(settings.video_file);
  const SourceSpec missing = detect_source(settings).value();
  EXPECT_EQ(missing.kind, SourceKind::kDemo);
  EXPECT_THAT(missing.notice, HasSubstr("VIDEO_FILE is not set"));

  std::ofstream(settings.video_file) << "x";
  EXPECT_EQ(detect_source(settings)->kind, SourceKind::kFile);
  std::filesystem::remove_all(folder);
}

TEST(SourceSpec, AMissingNamedFileIsNoErrorOfForm) {
  EXPECT_EQ(detected("/nonexistent/x.mp4").kind, SourceKind::kFile);
}

TEST(SourceSpec, AMistakeInTheAddressIsNamed) {
  const struct {
    const char* video_file;
    const char* part;
  } rows[] = {
      {"http:/host/x.mp4", "http:// with two slashes"},
      {"RTSP:host/x", "rtsp:// with two slashes"},
      {"rtsp:///camera", "host after rtsp:// is missing"},
      {"http://:8080/x", "host after http:// is missing"},
      {"http://user:word@/x", "host after http:// is missing"},
      {"udp://127.0.0.1", "port is missing"},
      {"udp://@239.0.0.1?localaddr=127.0.0.1:5", "port is missing"},
      {"srt://host?mode=caller", "port is missing"},
      {"tcp://[::1]", "port is missing"},
      {"rtp://host:/", "port is missing"},
  };
  for (const auto& row : rows) {
    const Result<SourceSpec> spec = detect_source(settings_for(row.video_file));
    ASSERT_FALSE(spec) << row.video_file;
    EXPECT_THAT(spec.error().message, HasSubstr(row.part)) << row.video_file;
  }
  for (const char* good : {"srt://:9000?mode=listener", "udp://@:5000", "tcp://[::1]:5000?listen=1",
                           "rtsp://[::1]/x", "rtsp://user:p#ss/w?@host/x", "http://host"}) {
    EXPECT_TRUE(detect_source(settings_for(good))) << good;
  }
}

}  // namespace
}  // namespace livestream
