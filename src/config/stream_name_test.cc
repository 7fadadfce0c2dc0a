#include "config/stream_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(StreamName, IsShortAndPlain) {
  for (const char* name : {"a", "0", "front", "front-door", "cam_2", "default", "a--b", "x-"})
    EXPECT_EQ(problem_of_stream_name(name), "") << name;
  EXPECT_EQ(problem_of_stream_name(std::string(63, 'a')), "");
  for (const std::string& name :
       {std::string(64, 'a'), std::string("-a"), std::string("_a"), std::string("A"),
        std::string("a/b"), std::string("a.b"), std::string("\xc3\xa4"), std::string("a b"),
        std::string(".."), std::string("a\nb"), std::string("")})
    EXPECT_THAT(problem_of_stream_name(name), HasSubstr("cannot be the name of a stream")) << name;
  EXPECT_EQ(problem_of_stream_name("Front Door"),
            "Front Door cannot be the name of a stream: 1 to 63 of a-z, 0-9, - and _, a letter or "
            "digit first, such as front-door");
}

TEST(StreamName, IsNoWordOfTheServer) {
  EXPECT_EQ(problem_of_stream_name("stats"),
            "stats cannot be the name of a stream, because the server uses this word in its own "
            "addresses: stats-2 would do");
  for (const char* name :
       {"stream", "demo",   "statistics", "metrics", "events",  "api",        "healthz",  "readyz",
        "time",   "beacon", "selftest",   "player",  "join",    "index",      "snapshot", "mjpeg",
        "clip",   "ingest", "page",       "early",   "favicon", "live-player"})
    EXPECT_THAT(problem_of_stream_name(name), HasSubstr("the server uses this word")) << name;
}

TEST(StreamName, IsProposedInAValidForm) {
  for (const char* text : {"", "Front Door", "\xc3\xa4\xc3\xb6", "__a", "--", "Stream", "stats",
                           "a/../b", "camera", "-1-", "\n"}) {
    const std::string like = stream_name_like(text);
    EXPECT_EQ(problem_of_stream_name(like), "") << text;
  }
  EXPECT_EQ(stream_name_like("Front Door (2)"), "front-door-2");
  EXPECT_EQ(stream_name_like(std::string(100, 'X')), std::string(63, 'x'));
}

TEST(StreamName, ComesFromTheSource) {
  EXPECT_THAT(
      names_of_sources({"a.mp4", "/films/My Clip.final.MKV", "rtsp://cam/x", "/dev/video0",
                        "rtsp://10.0.0.7:554/1", "http://[fe80::1]:80/x", "avfoundation:0",
                        "video=Integrated Camera", "udp://:5000", "file:///x/y.mp4", ".hidden"}),
      ElementsAre("a", "my-clip-final", "cam", "video0", "10-0-0-7", "fe80-1", "avfoundation-0",
                  "video-integrated-camera", "5000", "y", "hidden"));
  EXPECT_THAT(names_of_sources({"a.mp4", "b/a.mkv", "rtsp://a/1", "a-2.mp4"}),
              ElementsAre("a", "a-2", "a-3", "a-2-2"));
  EXPECT_THAT(names_of_sources({"demo", "stream.mp4", "", "\xc3\xa4"}),
              ElementsAre("demo-2", "stream-2", "camera", "camera-2"));
}

TEST(StreamName, HoldsNoCredential) {
  for (const char* source :
       {"rtsp://hunter:secret@cam/1", "rtsp://hunter:se/cret@cam/1", "rtsp://hunter:se@cret@cam/1",
        "http://cam/?token=secret", "rtsp://hunter:secret"}) {
    for (const std::string& name : names_of_sources({source})) {
      EXPECT_THAT(name, Not(HasSubstr("hunter"))) << source;
      EXPECT_THAT(name, Not(HasSubstr("cret"))) << source;
      EXPECT_EQ(problem_of_stream_name(name), "");
    }
  }
}

}  // namespace
}  // namespace livestream
