#include "outlet/stats_outlet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/set_clock_for_test.h"
#include "stream/feed_for_test.h"

namespace livestream {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class StatsOutletTest : public testing::Test {
 protected:
  StatsOutletTest() { stream_.describe(description_of({}, "1")); }

  static std::vector<IpNetwork> networks(std::initializer_list<const char*> texts) {
    std::vector<IpNetwork> parsed;
    for (const char* text : texts) parsed.push_back(parse_ip_network(text).value());
    return parsed;
  }
  StatsOutlet outlet_for(std::vector<IpNetwork> viewers_for) {
    return StatsOutlet({.viewers = viewers_,
                        .clock = clock_,
                        .workers =
                            [this] {
                              ++made_;
                              // A copy, because the call may empty it.
                              if (const auto call = while_made_) call();
                              return workers_;
                            },
                        .viewers_for = std::move(viewers_for)});
  }
  http::Response ask(StatsOutlet& outlet, const std::string& from,
                     std::vector<http::Header> headers = {}) {
    http::Request request;
    request.method = "GET";
    request.path = "/stats";
    request.remote_address = from;
    request.headers = std::move(headers);
    http::Answer answer = outlet.get(request, *entry_);
    return std::get<http::Response>(answer);
  }
  http::Response ask(const std::string& from, std::vector<http::Header> headers = {}) {
    return ask(outlet_, from, std::move(headers));
  }
  static std::string text(const http::Response& response) {
    return {response.body.view().begin(), response.body.view().end()};
  }
  json stats(const std::string& from = kFriend, std::vector<http::Header> headers = {}) {
    return json::parse(text(ask(from, std::move(headers))));
  }
  bool told(const std::string& from, std::vector<http::Header> headers = {}) {
    return !stats(from, std::move(headers))["viewers"].is_null();
  }

  static constexpr const char* kFriend = "192.168.1.7:50000";
  static constexpr const char* kStranger = "203.0.113.9:50000";

  SetClock clock_;
  std::shared_ptr<Stream> shared_ = std::make_shared<Stream>("default", "e1");
  Stream& stream_ = *shared_;
  StreamTable::Entry entry_ = std::make_shared<StreamEntry>(StreamEntry{.stream = shared_});
  Feed feed_{stream_};
  ViewerRegistry viewers_{{.viewers = 5}};
  std::vector<WorkerStats> workers_ = {
      {.connections = 3, .accepted = 9, .requests = 20, .pace_ms = 1.26, .io_uring = true}};
  // How often a text was made, and what happens while one is.
  int made_ = 0;
  std::function<void()> while_made_;
  StatsOutlet outlet_ = outlet_for(networks({"192.168.0.0/16", "::1", "fe80::/10"}));
};

TEST_F(StatsOutletTest, TellsWhoWatchesToTheListedAddressesOnly) {
  const auto viewer = viewers_.join(shared_, "198.51.100.1:40000", "Agent/1", {}, clock_.now());
  EXPECT_EQ(stats(kFriend)["viewers"].size(), 1u);
  EXPECT_TRUE(told("[::1]:5"));
  EXPECT_TRUE(told("[fe80::1%eth0]:5"));
  EXPECT_TRUE(told("[::ffff:192.168.9.9]:5"));
  for (const char* stranger : {kStranger, "[2001:db8::1]:5", "192.169.0.1:5", "", "unknown:1"}) {
    const std::string summary = text(ask(stranger));
    EXPECT_THAT(summary, Not(HasSubstr("198.51.100.1"))) << stranger;
    EXPECT_THAT(summary, Not(HasSubstr("Agent/1"))) << stranger;
    EXPECT_TRUE(json::parse(summary)["viewers"].is_null()) << stranger;
  }
}

TEST_F(StatsOutletTest, TellsNoAddressWhoWatchesWhenNoneIsListed) {
  StatsOutlet for_none = outlet_for({});
  for (const char* from : {kFriend, "127.0.0.1:5"}) {
    const std::string summary = text(ask(for_none, from));
    EXPECT_TRUE(json::parse(summary)["viewers"].is_null()) << from;
  }
}

TEST_F(StatsOutletTest, BelievesATrustedProxyButNotTheAddressOfAnUnknownOne) {
  const http::Header forwarded{"X-Forwarded-For", "192.168.1.7"};
  EXPECT_TRUE(told("192.168.1.7:0", {forwarded})) << "a trusted proxy named this client";
  EXPECT_FALSE(told("203.0.113.9:0", {forwarded}));
  // Port 50000 is a connection's own: the proxy in the private network is not trusted, or names no
  // client.
  EXPECT_FALSE(told(kFriend, {forwarded}));
  EXPECT_FALSE(told(kFriend, {{"Via", "1.1 cache"}}));
  EXPECT_FALSE(told(kFriend, {{"forwarded", "for=unknown"}}));
}

TEST_F(StatsOutletTest, TellsPagesOfOtherOriginsTheSummary) {
  EXPECT_FALSE(told(kFriend, {{"Host", "cam:8000"}, {"Origin", "https://a.example"}}));
  EXPECT_FALSE(told(kFriend, {{"Host", "cam:8000"}, {"Origin", "null"}}));
  EXPECT_TRUE(told(kFriend, {{"Host", "cam:8000"}, {"Origin", "http://cam:8000"}}));
}

TEST_F(StatsOutletTest, GivesTheSameSummaryToAllForAQuarterOfASecond) {
  const std::string first = text(ask(kStranger));
  const auto viewer = viewers_.join(shared_, "198.51.100.1:1", "", {}, clock_.now());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(text(ask("203.0.113." + std::to_string(i))), first);
  EXPECT_EQ(made_, 1);
  clock_.advance(milliseconds(249));
  EXPECT_EQ(text(ask(kStranger)), first);
  clock_.advance(milliseconds(1));
  EXPECT_EQ(stats(kStranger)["connections"]["clients"], 1);
  EXPECT_EQ(made_, 2);
}

// Another worker may make an answer while one is being made.
TEST_F(StatsOutletTest, NeverGoesBackInTime) {
  std::string newer;
  while_made_ = [&] {
    while_made_ = nullptr;
    clock_.advance(milliseconds(10));
    newer = text(ask(kStranger));
  };
  EXPECT_EQ(text(ask(kStranger)), newer);
  EXPECT_EQ(text(ask(kStranger)), newer);
  EXPECT_EQ(made_, 2);
}

TEST_F(StatsOutletTest, KeepsBothKindsOfAnswerApart) {
  EXPECT_TRUE(told(kFriend));
  EXPECT_FALSE(told(kStranger));
  EXPECT_TRUE(told(kFriend));
  EXPECT_FALSE(told(kStranger));
  EXPECT_EQ(made_, 2);
}

TEST_F(StatsOutletTest, TellsOfTheStream) {
  feed_.gop(true);
  const auto viewer = viewers_.join(shared_, "198.51.100.1:1", "", {}, clock_.now()).value();
  Viewer::add(viewer->bytes_sent, 700);
  Viewer::add(viewer->fragments_sent, 3);
  clock_.advance(seconds(90));
  const json told = stats(kStranger)["stream"];
  EXPECT_EQ(told["elapsed_seconds"], 90.0);
  EXPECT_EQ(told["chunks_sent"], 3);
  EXPECT_EQ(told["bytes_sent"], 700);
  EXPECT_EQ(told["name"], "default");
  EXPECT_EQ(told["epoch"], "e1");
  EXPECT_EQ(told["fragments"], 20);
  EXPECT_EQ(told["log_fragments"], 20);
  EXPECT_EQ(told["tracks"][0],
            (json{{"kind", "video"}, {"codec", "avc1.42C01F"}, {"width", 320}, {"height", 180}}));
  EXPECT_EQ(
      told["tracks"][1],
      (json{{"kind", "audio"}, {"codec", "mp4a.40.2"}, {"sample_rate", 48000}, {"channels", 2}}));
}

TEST_F(StatsOutletTest, TellsOfTheSource) {
  feed_.arrived = clock_.now();
  feed_.video(true);
  clock_.advance(milliseconds(1500));
  stream_.set_source_status({.state = SourceState::kWaiting,
                             .kind = "network",
                             .url = "rtsp://***@cam/",
                             .restarts = 4,
                             .last_error = "refused \xff",
                             .notes = {"the sound is left out: its codec is not known"},
                             .speed = 1.00049,
                             .fps = 24.996,
                             .bitrate_bps = 1e6 + 0.4,
                             .since = clock_.wall_now(),
                             .retry_at = clock_.now() + seconds(2)});
  const json told = stats(kStranger);
  EXPECT_EQ(told["broadcaster"], (json{{"state", "waiting"}, {"running", false}}));
  EXPECT_EQ(told["source"], (json{{"kind", "network"},
                                  {"url", "rtsp://***@cam/"},
                                  {"state", "waiting"},
                                  {"since", 1'700'000'001.5},
                                  {"restarts", 4},
                                  {"last_error", "refused \xef\xbf\xbd"},
                                  {"warning", nullptr},
                                  {"dropped_samples", 0},
                                  {"notes", {"the sound is left out: its codec is not known"}},
                                  {"retry_in_seconds", 2.0},
                                  {"speed", 1.0},
                                  {"fps", 25.0},
                                  {"bitrate_bps", 1'000'000},
                                  {"ffmpeg_pid", nullptr},
                                  {"last_fragment_age_seconds", 1.5}}));
}

TEST_F(StatsOutletTest, TellsOfASourceThatHasGivenNothingYet) {
  const json source = stats(kStranger)["source"];
  EXPECT_EQ(source["state"], "starting");
  EXPECT_EQ(source["notes"], json::array());
  for (const char* key : {"last_error", "warning", "retry_in_seconds", "last_fragment_age_seconds"})
    EXPECT_TRUE(source[key].is_null()) << key;
}

TEST_F(StatsOutletTest, TellsOfConnectionsConfigurationAndWorkers) {
  std::vector<std::shared_ptr<Viewer>> present;
  for (int i = 0; i < 5; ++i)
    present.push_back(
        viewers_.join(shared_, "198.51.100." + std::to_string(i) + ":1", "", {}, {}).value());
  EXPECT_FALSE(viewers_.join(shared_, "198.51.100.9:1", "", {}, {}));
  Viewer::add(present[0]->fragments_skipped, 6);
  present.pop_back();
  const json told = stats(kStranger);
  EXPECT_EQ(told["connections"], (json{{"clients", 4},
                                       {"max_clients", 5},
                                       {"chunks_dropped", 6},
                                       {"init_segment_cached", true},
                                       {"clients_total", 5},
                                       {"clients_refused", 1}}));
  EXPECT_EQ(told["config"], (json{{"video_fps", 30.0},
                                  {"video_crf", 23},
                                  {"audio_codec", "auto"},
                                  {"audio_bitrate", "128k"},
                                  {"video_quality", nullptr},
                                  {"video_codec", "libx264"}}));
  EXPECT_EQ(told["server"]["uptime_seconds"], 0.0);
  EXPECT_EQ(told["server"]["workers"], (json::array({{{"connections", 3},
                                                      {"accepted", 9},
                                                      {"requests", 20},
                                                      {"pace_ms", 1.3},
                                                      {"io_uring", true}}})));
}

TEST_F(StatsOutletTest, ListsEachViewerWithItsPlayersReport) {
  for (int i = 0; i < 3; ++i) feed_.gop();
  const auto demo = std::make_shared<Stream>("demo", "e2");
  const auto one =
      viewers_.join(shared_, "198.51.100.1:40000", "Agent/1", {.audio = false}, clock_.now())
          .value();
  one->next_sequence = 11;
  Viewer::add(one->bytes_sent, 5000);
  Viewer::add(one->fragments_sent, 10);
  Viewer::add(one->fragments_skipped, 2);
  ASSERT_TRUE(viewers_.report(one->id, {.latency_p50_ms = 80,
                                        .buffer_ms = 40,
                                        .dropped_frames = 1,
                                        .decoded_frames = 300,
                                        .transport = "ws",
                                        .state = "live"}));
  clock_.advance(milliseconds(2540));
  const json listed = stats()["viewers"];
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0], (json{{"id", one->id},
                             {"stream", "default"},
                             {"remote_address", "198.51.100.1:40000"},
                             {"user_agent", "Agent/1"},
                             {"audio", false},
                             {"connected_seconds", 2.5},
                             {"bytes_sent", 5000},
                             {"fragments_sent", 10},
                             {"fragments_dropped", 2},
                             {"lag_seconds", 1.9},
                             {"player",
                              {{"state", "live"},
                               {"transport", "ws"},
                               {"latency_p50_ms", 80.0},
                               {"latency_p95_ms", nullptr},
                               {"buffer_ms", 40.0},
                               {"rate", 1.0},
                               {"dropped_frames", 1},
                               {"decoded_frames", 300},
                               {"stalls", 0},
                               {"reconnects", 0}}}}));
  const auto other = viewers_.join(demo, "198.51.100.2:1", "", {}, clock_.now());
  clock_.advance(StatsOutlet::kKept);
  const json both = stats()["viewers"];
  const json& newer = both[0]["id"] == one->id ? both[1] : both[0];
  EXPECT_EQ(newer["stream"], "demo");
  EXPECT_TRUE(newer["player"].is_null());
}

TEST_F(StatsOutletTest, IsNeverStoredByCaches) {
  EXPECT_THAT(ask(kStranger).head.headers,
              testing::ElementsAre(http::Header{"Content-Type", "application/json"},
                                   http::Header{"Cache-Control", "no-store"}));
}

}  // namespace
}  // namespace livestream
