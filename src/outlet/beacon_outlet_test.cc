#include "outlet/beacon_outlet.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

class BeaconTest : public testing::Test {
 protected:
  unsigned post(std::string body, std::string from = "192.0.2.1:999") {
    http::Request request;
    request.method = "POST";
    request.body = std::move(body);
    request.remote_address = std::move(from);
    return std::get<http::Response>(take_beacon(request, viewers_)).head.status;
  }
  const Stream stream_{"default", "e"};
  ViewerRegistry viewers_{10};
  std::shared_ptr<Viewer> viewer_ = viewers_.join(stream_, "192.0.2.1:50000", "", {}, {});
};

TEST_F(BeaconTest, IsKeptForTheViewerThatSentIt) {
  EXPECT_EQ(
      post(R"({"viewer":1,"latency_ms":{"p50":80,"p95":null},"buffer_ms":31,"rate":1.02,"dropped":2,
                 "decoded":300,"stalls":1,"reconnects":3,"transport":"ws","state":"catching-up"})"),
      204u);
  const auto report = viewers_.player_report(1);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->latency_p50_ms, 80);
  EXPECT_EQ(report->latency_p95_ms, std::nullopt);
  EXPECT_EQ(report->rate, 1.02);
  EXPECT_EQ(report->decoded_frames, 300u);
  EXPECT_EQ(report->reconnects, 3u);
  EXPECT_EQ(report->state, "catching-up");
  viewer_.reset();
  EXPECT_FALSE(viewers_.player_report(1)) << "goes with its viewer";
}

TEST_F(BeaconTest, IsNotTakenFromAnotherHost) {
  EXPECT_EQ(post(R"({"viewer":1,"stalls":9})", "192.0.2.2:1"), 204u);
  EXPECT_FALSE(viewers_.player_report(1));
}

TEST_F(BeaconTest, OfAViewerThatHasLeftIsPassedOver) { EXPECT_EQ(post(R"({"viewer":77})"), 204u); }

TEST_F(BeaconTest, RefusesWhatIsNoReport) {
  for (const char* body : {"", "[]", "7", "{", R"({"viewer":"1"})",
                           R"({"viewer":1,"latency_ms":5})", R"({"viewer":1,"rate":1e300})",
                           R"({"viewer":1,"state":"<script>"})", R"({"viewer":1,"transport":7})",
                           R"({"viewer":1,"state":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})"}) {
    EXPECT_EQ(post(body), 400u) << body;
  }
  EXPECT_EQ(post(std::string(4000, '[')), 400u);
}

}  // namespace
}  // namespace livestream
