#include "outlet/beacon_outlet.h"

#include <gtest/gtest.h>

namespace livestream {
namespace {

class BeaconTest : public testing::Test {
 protected:
  unsigned post(std::string body) {
    http::Request request;
    request.method = "POST";
    request.body = std::move(body);
    return std::get<http::Response>(take_beacon(request, viewers_)).head.status;
  }
  [[nodiscard]] std::string report(std::uint64_t id, const std::string& more) const {
    return R"({"viewer":)" + std::to_string(id) + "," + more + "}";
  }
  std::shared_ptr<const Stream> stream_ = std::make_shared<const Stream>("default", "e");
  ViewerRegistry viewers_{{.viewers = 10}};
  std::shared_ptr<Viewer> viewer_ = viewers_.join(stream_, "192.0.2.1:50000", "", {}, {}).value();
};

TEST_F(BeaconTest, IsKeptForTheViewerThatSentIt) {
  EXPECT_EQ(post(report(viewer_->id, R"("latency_ms":{"p50":80,"p95":null},"buffer_ms":31,
      "rate":1.02,"dropped":2,"decoded":300,"stalls":1,"reconnects":3,"transport":"ws",
      "state":"catching-up")")),
            204u);
  const auto kept = viewers_.player_report(viewer_->id);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->latency_p50_ms, 80);
  EXPECT_EQ(kept->latency_p95_ms, std::nullopt);
  EXPECT_EQ(kept->rate, 1.02);
  EXPECT_EQ(kept->decoded_frames, 300u);
  EXPECT_EQ(kept->reconnects, 3u);
  EXPECT_EQ(kept->state, "catching-up");
}

TEST_F(BeaconTest, IsTakenOnlyWithTheViewersOwnId) {
  const std::uint64_t own = viewer_->id;
  for (const std::uint64_t id : std::vector<std::uint64_t>{1, own ^ 1, own + (1ull << 53)})
    EXPECT_EQ(post(report(id, R"("stalls":9)")), 204u) << "a guess learns nothing";
  EXPECT_EQ(post(R"({"stalls":9})"), 204u);
  EXPECT_FALSE(viewers_.player_report(viewer_->id));
}

TEST_F(BeaconTest, OfAViewerThatHasLeftIsIgnored) {
  const std::uint64_t id = viewer_->id;
  EXPECT_EQ(post(report(id, R"("stalls":1)")), 204u);
  viewer_.reset();
  EXPECT_FALSE(viewers_.player_report(id));
  EXPECT_EQ(post(report(id, R"("stalls":1)")), 204u);
  EXPECT_FALSE(viewers_.player_report(id));
}

TEST_F(BeaconTest, RefusesWhatIsNotAReport) {
  for (const char* body :
       {"", "[]", "7", "{", R"({"viewer":"1"})", R"({"viewer":1.5})", R"({"viewer":-1})",
        R"({"viewer":1,"latency_ms":5})", R"({"viewer":1,"rate":1e300})",
        R"({"viewer":1,"state":"<script>"})", R"({"viewer":1,"transport":7})",
        R"({"viewer":1,"state":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})"}) {
    EXPECT_EQ(post(body), 400u) << body;
  }
  EXPECT_EQ(post(std::string(4000, '[')), 400u);
}

}  // namespace
}  // namespace livestream
