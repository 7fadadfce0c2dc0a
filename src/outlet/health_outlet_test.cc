#include "outlet/health_outlet.h"

#include <gtest/gtest.h>

#include "base/set_clock_for_test.h"
#include "stream/feed_for_test.h"

namespace livestream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class HealthOutletTest : public testing::Test {
 protected:
  HealthOutletTest() { stream_.describe(description_of({}, "1")); }

  http::Response readiness_now() {
    http::Answer answer = readiness(stream_, clock_);
    return std::get<http::Response>(answer);
  }
  static std::string text(const http::Response& response) {
    return {response.body.view().begin(), response.body.view().end()};
  }
  void picture() {
    feed_.arrived = clock_.now();
    feed_.video(true);
  }
  void source(SourceState state, std::string last_error = "") {
    stream_.set_source_status({.state = state, .last_error = std::move(last_error)});
  }

  SetClock clock_;
  Stream stream_{"default", "e"};
  Feed feed_{stream_};
};

TEST_F(HealthOutletTest, IsAlwaysHealthy) {
  const http::Answer answer = health();
  EXPECT_EQ(std::get<http::Response>(answer).head.status, 200u);
}

TEST_F(HealthOutletTest, IsReadyForFiveSecondsAfterThePicture) {
  source(SourceState::kRunning);
  EXPECT_EQ(readiness_now().head.status, 503u);
  picture();
  EXPECT_EQ(readiness_now().head.status, 200u);
  clock_.advance(milliseconds(4999));
  EXPECT_EQ(readiness_now().head.status, 200u);
  clock_.advance(milliseconds(1));
  EXPECT_EQ(readiness_now().head.status, 503u);
  picture();
  EXPECT_EQ(readiness_now().head.status, 200u);
}

TEST_F(HealthOutletTest, DoesNotCountMessagesAsMedia) {
  source(SourceState::kRunning);
  picture();
  clock_.advance(seconds(6));
  feed_.arrived = clock_.now();
  feed_.message();
  EXPECT_EQ(readiness_now().head.status, 503u);
}

TEST_F(HealthOutletTest, IsNotReadyWhileASlateIsShown) {
  source(SourceState::kWaiting, "the camera does not answer");
  picture();
  const http::Response response = readiness_now();
  EXPECT_EQ(response.head.status, 503u);
  EXPECT_EQ(text(response), "the source is waiting: the camera does not answer\n");
}

TEST_F(HealthOutletTest, NamesTheStateWithoutAnError) {
  EXPECT_EQ(text(readiness_now()), "the source is starting\n");
}

}  // namespace
}  // namespace livestream
