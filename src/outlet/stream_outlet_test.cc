#include "outlet/stream_outlet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/set_clock_for_test.h"
#include "stream/feed_for_test.h"

namespace livestream {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr TrackSelection kBoth;
constexpr TrackSelection kSoundAlone{.video = false, .audio = true};

std::string header(const http::ResponseHead& head, std::string_view name) {
  for (const http::Header& each : head.headers) {
    if (each.first == name) return each.second;
  }
  return {};
}

std::string text(const http::Response& response) {
  return {response.body.view().begin(), response.body.view().end()};
}

class StreamOutletTest : public testing::Test {
 protected:
  http::Request request(std::string query = "", std::string from = "192.0.2.1:50000") {
    http::Request made;
    made.method = "GET";
    made.path = "/stream";
    made.query = std::move(query);
    made.headers = {{"User-Agent", "agent"}};
    made.remote_address = std::move(from);
    made.received_at = clock_.now();
    return made;
  }
  http::StreamingResponse watch(std::string query = "") {
    http::Answer answer = outlet_->get(request(std::move(query)));
    return std::move(std::get<http::StreamingResponse>(answer));
  }
  http::Response refused(const http::Request& asked) {
    http::Answer answer = outlet_->get(asked);
    return std::get<http::Response>(answer);
  }
  static std::vector<std::string> pull(http::StreamingResponse& response) {
    const http::Pull next = response.body->pull();
    return next.state == http::Pull::State::kBytes ? names_in(*next.blocks)
                                                   : std::vector<std::string>();
  }

  SetClock clock_;
  std::shared_ptr<Stream> shared_ = std::make_shared<Stream>("default", "e1");
  Stream& stream_ = *shared_;
  std::shared_ptr<Demand> demand_ = std::make_shared<Demand>([this] { ++first_; });
  int first_ = 0;
  Feed feed_{stream_};
  ViewerRegistry viewers_{{.viewers = 3}};
  std::shared_ptr<StreamOutlet> outlet_ =
      std::make_shared<StreamOutlet>(shared_, demand_, viewers_, clock_);
};

TEST_F(StreamOutletTest, BeginsWithTheInitSegmentAndTheCurrentGopThenGoesLive) {
  stream_.describe(description_of(kBoth, "1"));
  feed_.gop(true);
  feed_.video(true);
  feed_.audio();
  auto response = watch();
  EXPECT_EQ(response.head.status, 200u);
  EXPECT_EQ(header(response.head, "Content-Type"), R"(video/mp4; codecs="avc1.42C01F,mp4a.40.2")");
  EXPECT_EQ(header(response.head, "Cache-Control"), "no-store, no-transform");
  EXPECT_EQ(header(response.head, "X-Accel-Buffering"), "no");
  EXPECT_EQ(header(response.head, "Stream-Epoch"), "e1");
  EXPECT_EQ(response.channel, stream_.id());
  EXPECT_THAT(pull(response), ElementsAre("init-1", "v21", "a22"));
  EXPECT_EQ(response.body->pull().state, http::Pull::State::kPending);
  feed_.video(false);
  EXPECT_THAT(pull(response), ElementsAre("v23"));
}

TEST_F(StreamOutletTest, TellsTheViewersIdInTheHeaderAndTheGreeting) {
  stream_.describe(description_of(kBoth, "1"));
  feed_.video(true);
  const auto response = watch("audio=0");
  ASSERT_EQ(viewers_.viewers().size(), 1u);
  const auto viewer = viewers_.viewers().front();
  EXPECT_EQ(header(response.head, "Stream-Viewer"), std::to_string(viewer->id));
  EXPECT_EQ(viewer->remote_address, "192.0.2.1:50000");
  EXPECT_EQ(viewer->user_agent, "agent");
  EXPECT_FALSE(viewer->selection.audio);
  const auto greeting = nlohmann::json::parse(response.greeting);
  EXPECT_EQ(
      greeting,
      (nlohmann::json{
          {"type", "hello"}, {"epoch", "e1"}, {"codecs", "avc1.42C01F"}, {"viewer", viewer->id}}));
}

TEST_F(StreamOutletTest, LeavesTheSoundOutWhereItIsNotWanted) {
  stream_.describe(description_of(kBoth, "1"));
  feed_.video(true);
  feed_.audio();
  auto response = watch("audio=0");
  EXPECT_THAT(pull(response), ElementsAre("init-video-1", "v1"));
  EXPECT_EQ(header(response.head, "Content-Type"), R"(video/mp4; codecs="avc1.42C01F")");
}

TEST_F(StreamOutletTest, ContinuesBehindTheFragmentThatTheClientNames) {
  stream_.describe(description_of(kBoth, "1"));
  for (int i = 0; i < 3; ++i) feed_.gop();
  auto response = watch("after=e1.56");
  EXPECT_THAT(pull(response), ElementsAre("init-1", "v29", "v30"));
}

TEST_F(StreamOutletTest, JoinsLiveWhereItCannotContinue) {
  stream_.describe(description_of(kBoth, "1"));
  for (int i = 0; i < 3; ++i) feed_.gop();
  for (const char* after : {"e2.56", "e1.0", "e1.1", "e1.x", "e1.-1", "e1.", "56", "e1.62",
                            "e1.4294967296", "e1.99999999999999999999"}) {
    auto response = watch(std::string("after=") + after);
    EXPECT_EQ(pull(response)[1], "v21") << after;
  }
}

TEST_F(StreamOutletTest, CountsWhatAViewerIsSentOnceItHasBeenSent) {
  stream_.describe(description_of(kBoth, "1"));
  feed_.video(true);
  auto response = watch();
  EXPECT_EQ(pull(response).size(), 2u);
  const auto viewer = viewers_.viewers().front();
  EXPECT_EQ(viewer->bytes_sent, 0u);
  EXPECT_EQ(pull(response).size(), 0u);
  EXPECT_EQ(viewer->bytes_sent, std::string("init-1v1").size());
  EXPECT_EQ(viewer->fragments_sent, 1u);
  for (int i = 0; i < 6; ++i) feed_.gop();
  EXPECT_EQ(pull(response).front(), "v52");
  EXPECT_EQ(viewer->fragments_skipped, 50u);
}

TEST_F(StreamOutletTest, AnswersHeadWithoutTakingAPlace) {
  http::Request head = request();
  head.method = "HEAD";
  EXPECT_EQ(header(refused(head).head, "Content-Type"), "video/mp4") << "before the first media";
  stream_.describe(description_of(kBoth, "1"));
  EXPECT_EQ(header(refused(head).head, "Content-Type"),
            R"(video/mp4; codecs="avc1.42C01F,mp4a.40.2")");
  EXPECT_EQ(header(refused(head).head, "Stream-Viewer"), "");
  EXPECT_EQ(viewers_.totals().viewers, 0u);
}

TEST_F(StreamOutletTest, RefusesWithTheReasonWhenThereIsNoPlace) {
  stream_.describe(description_of(kBoth, "1"));
  feed_.video(true);
  const auto first = watch();
  const auto second = watch();
  {
    const auto third = watch();
    const http::Response full = refused(request());
    EXPECT_EQ(full.head.status, 503u);
    EXPECT_EQ(header(full.head, "Retry-After"), "5");
    EXPECT_THAT(text(full), HasSubstr("MAX_CLIENTS"));
  }
  EXPECT_EQ(watch().head.status, 200u) << "the third has left";
}

TEST_F(StreamOutletTest, RefusesAnAddressThatHoldsItsShare) {
  ViewerRegistry four({.viewers = 4, .fair_per_address = 1});
  StreamOutlet outlet(shared_, demand_, four, clock_);
  stream_.describe(description_of(kBoth, "1"));
  feed_.video(true);
  std::vector<http::Answer> watching;
  for (int i = 0; i < 3; ++i) watching.push_back(outlet.get(request()));
  const http::Answer answer = outlet.get(request());
  const auto& response = std::get<http::Response>(answer);
  EXPECT_EQ(response.head.status, 503u);
  EXPECT_THAT(text(response), StartsWith("server full for this address"));
  EXPECT_THAT(text(response), HasSubstr("FAIR_CLIENTS_PER_ADDRESS"));
  const http::Answer other = outlet.get(request("", "192.0.2.2:50000"));
  EXPECT_TRUE(std::holds_alternative<http::StreamingResponse>(other));
}

TEST_F(StreamOutletTest, WaitsForAStreamThatIsNotReady) {
  http::Answer answer = outlet_->get(request());
  auto& pending = std::get<std::unique_ptr<http::PendingResponse>>(answer);
  EXPECT_EQ(pending->channel(), stream_.id());
  EXPECT_EQ(pending->deadline(), clock_.now() + StreamOutlet::kReadyTimeout);
  http::Answer still = pending->poll(clock_.now());
  EXPECT_EQ(std::get<std::unique_ptr<http::PendingResponse>>(still), nullptr);
  stream_.describe(description_of(kBoth, "1"));
  feed_.video(true);
  http::Answer known = pending->poll(clock_.now());
  auto& response = std::get<http::StreamingResponse>(known);
  EXPECT_THAT(pull(response), ElementsAre("init-1", "v1"));
}

TEST_F(StreamOutletTest, CountsTheWaitFromTheRequestToTheBeginning) {
  http::Answer waiting = outlet_->get(request());
  clock_.advance(std::chrono::milliseconds(700));
  stream_.describe(description_of(kBoth, "1"));
  feed_.video(true);
  const http::Answer begun =
      std::get<std::unique_ptr<http::PendingResponse>>(waiting)->poll(clock_.now());
  ASSERT_TRUE(std::holds_alternative<http::StreamingResponse>(begun));
  EXPECT_EQ(viewers_.join_times(stream_).sum, std::chrono::milliseconds(700));
}

TEST_F(StreamOutletTest, RefusesWithTheSourcesErrorWhenTheStreamDoesNotBeginInTime) {
  http::Answer answer = outlet_->get(request());
  auto& pending = std::get<std::unique_ptr<http::PendingResponse>>(answer);
  const auto at_deadline = [&] {
    return std::get<http::Response>(pending->poll(pending->deadline()));
  };
  EXPECT_EQ(at_deadline().head.status, 503u);
  EXPECT_EQ(text(at_deadline()), "the stream has not begun yet\n");
  stream_.set_source_status({.last_error = "the source does not exist"});
  EXPECT_EQ(text(at_deadline()), "the source does not exist\n");
  EXPECT_EQ(header(at_deadline().head, "Retry-After"), "2");
}

TEST_F(StreamOutletTest, ClaimsTheStreamFromTheRequestToTheViewersEnd) {
  http::Request head = request();
  head.method = "HEAD";
  (void)outlet_->get(head);
  EXPECT_FALSE(demand_->any()) << "HEAD starts no encoder";
  {
    http::Answer answer = outlet_->get(request());
    EXPECT_TRUE(demand_->any());
    stream_.describe(description_of(kBoth, "1"));
    feed_.video(true);
    auto pending = std::move(std::get<std::unique_ptr<http::PendingResponse>>(answer));
    const http::Answer response = pending->poll(clock_.now());
    pending.reset();
    EXPECT_TRUE(demand_->any());
  }
  EXPECT_FALSE(demand_->any());
  EXPECT_EQ(first_, 1);
}

TEST_F(StreamOutletTest, EndsWithARemovedStreamWhenAllOfItHasBeenSent) {
  stream_.describe(description_of(kBoth, "1"));
  feed_.video(true);
  auto response = watch();
  stream_.close();
  const http::Pull last = response.body->pull();
  EXPECT_THAT(names_in(*last.blocks), ElementsAre("init-1", "v1"));
  EXPECT_TRUE(last.more) << "nothing wakes it again for the end";
  EXPECT_EQ(response.body->pull().state, http::Pull::State::kEnd);
}

TEST_F(StreamOutletTest, TellsThoseWhoWaitForAStreamThatItWasRemoved) {
  http::Answer answer = outlet_->get(request());
  auto& pending = std::get<std::unique_ptr<http::PendingResponse>>(answer);
  outlet_.reset();
  stream_.close();
  const auto response = std::get<http::Response>(pending->poll(clock_.now()));
  EXPECT_EQ(response.head.status, 404u);
  EXPECT_THAT(text(response), HasSubstr("removed"));
}

TEST_F(StreamOutletTest, ServesAStreamOfSoundAlone) {
  stream_.describe(description_of(kSoundAlone, "1"));
  feed_.sound_alone();
  auto response = watch();
  EXPECT_EQ(header(response.head, "Content-Type"), R"(video/mp4; codecs="mp4a.40.2")");
  EXPECT_THAT(pull(response), ElementsAre("init-1", "a1"));
  feed_.sound_alone();
  EXPECT_THAT(pull(response), ElementsAre("a2"));
}

TEST_F(StreamOutletTest, RefusesASilentViewOfSoundAlone) {
  http::Answer waiting = outlet_->get(request("audio=0"));
  stream_.describe(description_of(kSoundAlone, "1"));
  feed_.sound_alone();
  auto& pending = std::get<std::unique_ptr<http::PendingResponse>>(waiting);
  EXPECT_EQ(std::get<http::Response>(pending->poll(clock_.now())).head.status, 404u);
  http::Request asked = request("audio=0");
  EXPECT_EQ(refused(asked).head.status, 404u);
  EXPECT_THAT(text(refused(asked)), HasSubstr("without audio=0"));
  asked.method = "HEAD";
  EXPECT_EQ(refused(asked).head.status, 404u);
  EXPECT_EQ(viewers_.totals().viewers, 0u);
}

TEST_F(StreamOutletTest, SharesBatchesAmongViewersAndKeepsNoneAfterTheLast) {
  stream_.describe(description_of(kBoth, "1"));
  feed_.video(true);
  std::weak_ptr<const SharedBlocks> batch;
  {
    auto one = watch();
    auto other = watch();
    const auto blocks = one.body->pull().blocks;
    EXPECT_EQ(other.body->pull().blocks, blocks);
    batch = blocks;
  }
  EXPECT_TRUE(batch.expired());
}

}  // namespace
}  // namespace livestream
