#include "outlet/metrics_outlet.h"

#include <functional>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/set_clock_for_test.h"
#include "stream/feed_for_test.h"

namespace livestream {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class MetricsOutletTest : public testing::Test {
 protected:
  MetricsOutletTest() { show({entry("front", front_)}); }

  static StreamTable::Entry entry(const std::string& name, std::shared_ptr<Stream> stream,
                                  bool listed = true) {
    StreamSettings settings;
    settings.name = name;
    return std::make_shared<StreamEntry>(
        StreamEntry{.settings = settings, .stream = std::move(stream), .listed = listed});
  }
  void show(std::vector<StreamTable::Entry> entries) {
    streams_.publish(StreamTable(std::move(entries)));
  }
  std::shared_ptr<Viewer> join(const std::shared_ptr<Stream>& stream, milliseconds waited = {}) {
    return viewers_.join(stream, "198.51.100.1:40000", "Agent/1", {}, clock_.now(), waited).value();
  }
  std::string text() {
    const http::Response response = outlet_.get();
    return {response.body.view().begin(), response.body.view().end()};
  }
  // The value of each sample, `name{labels}`, of an answer that is made now.
  std::map<std::string, std::string> samples() {
    clock_.advance(MetricsOutlet::kKept);
    std::map<std::string, std::string> samples;
    std::istringstream lines(text());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with('#')) continue;
      const std::size_t end = line.rfind(' ');
      EXPECT_TRUE(samples.emplace(line.substr(0, end), line.substr(end + 1)).second) << line;
    }
    return samples;
  }

  SetClock clock_;
  std::shared_ptr<Stream> front_ = std::make_shared<Stream>("front", "e1");
  std::shared_ptr<Stream> yard_ = std::make_shared<Stream>("yard", "e2");
  Feed feed_{*front_};
  StreamRegistry streams_;
  ViewerRegistry viewers_{{.viewers = 3}};
  std::vector<WorkerStats> workers_ = {
      {.connections = 3, .accepted = 9, .requests = 20, .pace_ms = 1.5, .io_uring = true},
      {.connections = 1, .accepted = 2, .requests = 5, .pace_ms = 0, .io_uring = true}};
  // How often a text was made, and what happens while one is.
  int made_ = 0;
  std::function<void()> while_made_;
  MetricsOutlet outlet_{
      {.streams = streams_, .viewers = viewers_, .clock = clock_, .workers = [this] {
         ++made_;
         if (const auto call = while_made_) call();
         return workers_;
       }}};
};

TEST_F(MetricsOutletTest, AnswersInTheTextFormThatPrometheusReads) {
  EXPECT_THAT(
      outlet_.get().head.headers,
      testing::ElementsAre(http::Header{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"},
                           http::Header{"Cache-Control", "no-store"}));
  EXPECT_THAT(text(), HasSubstr("# HELP livestream_stream_viewers Viewers now.\n"
                                "# TYPE livestream_stream_viewers gauge\n"
                                "livestream_stream_viewers{stream=\"front\"} 0\n"));
}

TEST_F(MetricsOutletTest, TellsOfTheServer) {
  const auto viewer = join(front_);
  auto told = samples();
  EXPECT_EQ(told[R"(livestream_build_info{version="0.1.0"})"], "1");
  EXPECT_EQ(told["livestream_viewers"], "1");
  EXPECT_EQ(told["livestream_max_clients"], "3");
  EXPECT_EQ(told["livestream_workers"], "2");
  EXPECT_EQ(told["livestream_connections"], "4");
  EXPECT_EQ(told["livestream_connections_total"], "11");
  EXPECT_EQ(told["livestream_requests_total"], "25");
  EXPECT_EQ(told[R"(livestream_worker_pace_seconds{worker="0"})"], "0.0015");
  EXPECT_EQ(told[R"(livestream_worker_pace_seconds{worker="1"})"], "0");
  EXPECT_EQ(told["process_start_time_seconds"], "1700000000");
  EXPECT_TRUE(told.contains("process_cpu_seconds_total"));
}

TEST_F(MetricsOutletTest, CountsWhatAStreamSends) {
  front_->describe(description_of({}, "1"));
  feed_.gop();
  const auto viewer = join(front_);
  Viewer::add(viewer->bytes_sent, 1'234'567'890'123);
  Viewer::add(viewer->fragments_sent, 30);
  Viewer::add(viewer->fragments_skipped, 4);
  { const auto gone = join(front_); }
  const auto others = std::vector{join(yard_), join(yard_)};
  EXPECT_FALSE(viewers_.join(front_, "198.51.100.1:1", "", {}, {}));
  auto told = samples();
  EXPECT_EQ(told[R"(livestream_stream_viewers{stream="front"})"], "1");
  EXPECT_EQ(told[R"(livestream_stream_viewers_total{stream="front"})"], "2");
  EXPECT_EQ(told[R"(livestream_stream_viewers_refused_total{stream="front"})"], "1");
  EXPECT_EQ(told[R"(livestream_stream_bytes_sent_total{stream="front"})"], "1234567890123");
  EXPECT_EQ(told[R"(livestream_stream_fragments_sent_total{stream="front"})"], "30");
  EXPECT_EQ(told[R"(livestream_stream_fragments_skipped_total{stream="front"})"], "4");
  EXPECT_EQ(told[R"(livestream_stream_fragments_total{stream="front"})"], "10");
  EXPECT_EQ(told[R"(livestream_stream_log_fragments{stream="front"})"], "10");
  // The names v1 to v10.
  EXPECT_EQ(told[R"(livestream_stream_fragment_bytes_total{stream="front"})"], "21");
  EXPECT_EQ(told[R"(livestream_stream_log_bytes{stream="front"})"], "21");
}

TEST_F(MetricsOutletTest, TellsOfTheSource) {
  front_->set_source_status({.state = SourceState::kWaiting,
                             .kind = "network",
                             .url = "rtsp://secret@cam/",
                             .restarts = 4,
                             .last_error = "refused secret",
                             .dropped_samples = 6,
                             .speed = 0.75,
                             .fps = 25,
                             .bitrate_bps = 1e6});
  auto told = samples();
  EXPECT_EQ(told[R"(livestream_stream_source_state{stream="front",state="starting"})"], "0");
  EXPECT_EQ(told[R"(livestream_stream_source_state{stream="front",state="running"})"], "0");
  EXPECT_EQ(told[R"(livestream_stream_source_state{stream="front",state="waiting"})"], "1");
  EXPECT_EQ(told[R"(livestream_stream_source_state{stream="front",state="stopped"})"], "0");
  EXPECT_EQ(told[R"(livestream_stream_source_restarts_total{stream="front"})"], "4");
  EXPECT_EQ(told[R"(livestream_stream_source_dropped_samples_total{stream="front"})"], "6");
  EXPECT_EQ(told[R"(livestream_stream_source_fps{stream="front"})"], "25");
  EXPECT_EQ(told[R"(livestream_stream_source_bytes_per_second{stream="front"})"], "125000");
  EXPECT_EQ(told[R"(livestream_stream_source_speed_ratio{stream="front"})"], "0.75");
}

TEST_F(MetricsOutletTest, TellsTheAgeOfTheNewestFragmentOnceThereIsOne) {
  constexpr const char* kAge = R"(livestream_stream_last_fragment_age_seconds{stream="front"})";
  EXPECT_FALSE(samples().contains(kAge));
  front_->describe(description_of({}, "1"));
  feed_.arrived = clock_.now();
  feed_.video(true);
  clock_.advance(milliseconds(1250));
  EXPECT_EQ(samples()[kAge], "1.5");
  // It comes between the look at the clock and the look at the stream.
  feed_.arrived = clock_.now() + std::chrono::hours(1);
  feed_.video(true);
  EXPECT_EQ(samples()[kAge], "0");
}

TEST_F(MetricsOutletTest, CountsViewersByTheirLag) {
  front_->describe(description_of({}, "1"));
  for (int i = 0; i < 2; ++i) feed_.gop();
  const auto quick = join(front_);
  const auto slow = join(front_);
  quick->next_sequence = feed_.newest() + 1;
  // Its next fragment is 0.5 s older than the newest.
  slow->next_sequence = feed_.newest() - 5;
  auto told = samples();
  const auto within = [&](const std::string& bound) {
    return told["livestream_stream_viewers_by_lag{stream=\"front\",at_most_seconds=\"" + bound +
                "\"}"];
  };
  EXPECT_EQ(within("0.25"), "1");
  EXPECT_EQ(within("0.5"), "2");
  EXPECT_EQ(within("10"), "2");
  EXPECT_EQ(within("+Inf"), "2");
  EXPECT_EQ(told[R"(livestream_stream_viewer_lag_max_seconds{stream="front"})"], "0.5");
}

TEST_F(MetricsOutletTest, SumsUpWhatPlayersReport) {
  constexpr const char* kMean =
      R"(livestream_stream_player_latency_p50_mean_seconds{stream="front"})";
  const auto one = join(front_);
  const auto other = join(front_);
  const auto silent = join(front_);
  auto told = samples();
  EXPECT_EQ(told[R"(livestream_stream_player_reports{stream="front"})"], "0");
  EXPECT_FALSE(told.contains(kMean));
  ASSERT_TRUE(viewers_.report(one->id, {.latency_p50_ms = 50,
                                        .latency_p95_ms = 125,
                                        .buffer_ms = 250,
                                        .dropped_frames = 1,
                                        .stalls = 2,
                                        .reconnects = 3}));
  ASSERT_TRUE(viewers_.report(
      other->id, {.latency_p50_ms = 200, .buffer_ms = 750, .stalls = 10, .reconnects = 20}));
  told = samples();
  EXPECT_EQ(told[R"(livestream_stream_player_reports{stream="front"})"], "2");
  EXPECT_EQ(told[kMean], "0.125");
  EXPECT_EQ(told[R"(livestream_stream_player_latency_p50_max_seconds{stream="front"})"], "0.2");
  EXPECT_EQ(told[R"(livestream_stream_player_latency_p95_mean_seconds{stream="front"})"], "0.125");
  EXPECT_EQ(told[R"(livestream_stream_player_latency_p95_max_seconds{stream="front"})"], "0.125");
  EXPECT_EQ(told[R"(livestream_stream_player_buffer_mean_seconds{stream="front"})"], "0.5");
  EXPECT_EQ(told[R"(livestream_stream_player_stalls{stream="front"})"], "12");
  EXPECT_EQ(told[R"(livestream_stream_player_reconnects{stream="front"})"], "23");
  EXPECT_EQ(told[R"(livestream_stream_player_dropped_frames{stream="front"})"], "1");
}

TEST_F(MetricsOutletTest, HasAHistogramOfJoinTimes) {
  for (const int ms : {1, 100, 20000}) join(front_, milliseconds(ms));
  auto told = samples();
  const auto bucket = [&](const std::string& bound) {
    return told["livestream_stream_join_seconds_bucket{stream=\"front\",le=\"" + bound + "\"}"];
  };
  EXPECT_EQ(bucket("0.005"), "1");
  EXPECT_EQ(bucket("0.05"), "1");
  EXPECT_EQ(bucket("0.1"), "2");
  EXPECT_EQ(bucket("10"), "2");
  EXPECT_EQ(bucket("+Inf"), "3");
  EXPECT_EQ(told[R"(livestream_stream_join_seconds_count{stream="front"})"], "3");
  EXPECT_EQ(told[R"(livestream_stream_join_seconds_sum{stream="front"})"], "20.101");
}

TEST_F(MetricsOutletTest, NamesTheStreamsThatListsName) {
  show({entry("front", front_), entry("yard", yard_),
        entry("demo", std::make_shared<Stream>("demo", "e3"), false)});
  const std::string both = text();
  EXPECT_THAT(both, HasSubstr("livestream_stream_viewers{stream=\"front\"} 0\n"
                              "livestream_stream_viewers{stream=\"yard\"} 0\n"));
  EXPECT_THAT(both, Not(HasSubstr("\"demo\"")));
  show({entry("yard", yard_)});
  clock_.advance(MetricsOutlet::kKept);
  EXPECT_THAT(text(), Not(HasSubstr("front")));
  show({});
  clock_.advance(MetricsOutlet::kKept);
  EXPECT_THAT(text(), Not(HasSubstr("yard")));
}

TEST_F(MetricsOutletTest, TellsNothingOfClientsAndOfTheSourcesAddress) {
  const auto viewer = join(front_);
  ASSERT_TRUE(viewers_.report(viewer->id, {.transport = "Transport", .state = "State"}));
  front_->set_source_status({.kind = "network",
                             .url = "rtsp://secret@cam9/",
                             .last_error = "cam9: secret",
                             .notes = {"secret"},
                             .warning = "secret"});
  const std::string told = text();
  for (const char* private_text : {"198.51.100.1", "Agent", "Transport", "State", "secret", "cam9"})
    EXPECT_THAT(told, Not(HasSubstr(private_text)));
  EXPECT_THAT(told, Not(HasSubstr(std::to_string(viewer->id))));
}

TEST_F(MetricsOutletTest, GivesTheSameToAllForAQuarterOfASecond) {
  const std::string first = text();
  const auto viewer = join(front_);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(text(), first);
  clock_.advance(milliseconds(249));
  EXPECT_EQ(text(), first);
  EXPECT_EQ(made_, 1);
  clock_.advance(milliseconds(1));
  EXPECT_THAT(text(), HasSubstr("livestream_viewers 1\n"));
  EXPECT_EQ(made_, 2);
}

// Another worker may make an answer while one is being made.
TEST_F(MetricsOutletTest, NeverGoesBackInTime) {
  std::string newer;
  while_made_ = [&] {
    while_made_ = nullptr;
    clock_.advance(milliseconds(10));
    newer = text();
  };
  EXPECT_EQ(text(), newer);
  EXPECT_EQ(text(), newer);
  EXPECT_EQ(made_, 2);
}

}  // namespace
}  // namespace livestream
