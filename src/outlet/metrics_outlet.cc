#include "outlet/metrics_outlet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "base/process_usage.h"
#include "config/version.h"

namespace livestream {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using Families = std::vector<MetricFamily>;

constexpr std::array<double, 6> kLagBoundsSeconds = {0.25, 0.5, 1, 2, 5, 10};

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

// A mean and a maximum over the players that have reported the value.
struct Spread {
  double sum = 0;
  double max = 0;
  std::uint64_t count = 0;

  void add(std::optional<double> value) {
    if (!value) return;
    sum += *value;
    max = count == 0 ? *value : std::max(max, *value);
    ++count;
  }
  [[nodiscard]] std::optional<double> mean() const {
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
  }
  [[nodiscard]] std::optional<double> most() const {
    return count == 0 ? std::nullopt : std::optional(max);
  }
};

// The present viewers of one stream.
struct Watching {
  std::uint64_t viewers = 0;
  // Of those that lag no more than each bound; each viewer counts for all bounds above its lag.
  std::array<std::uint64_t, kLagBoundsSeconds.size()> within{};
  double max_lag = 0;

  std::uint64_t reports = 0;
  Spread latency_p50;
  Spread latency_p95;
  double buffer = 0;
  std::uint64_t stalls = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t dropped_frames = 0;

  void add_lag(double lag) {
    for (std::size_t i = 0; i < kLagBoundsSeconds.size(); ++i)
      within[i] += lag <= kLagBoundsSeconds[i] ? 1 : 0;
    max_lag = std::max(max_lag, lag);
  }
  void add_report(const PlayerReport& report) {
    constexpr double kMs = 1e-3;
    const auto in_seconds = [](std::optional<double> ms) {
      return ms ? std::optional(*ms * kMs) : std::nullopt;
    };
    ++reports;
    latency_p50.add(in_seconds(report.latency_p50_ms));
    latency_p95.add(in_seconds(report.latency_p95_ms));
    buffer += report.buffer_ms * kMs;
    stalls += report.stalls;
    reconnects += report.reconnects;
    dropped_frames += report.dropped_frames;
  }
};

// Everything that is told of one stream, read once.
struct StreamState {
  std::string name;
  SourceStatus source;
  Stream::Totals made;
  ViewerRegistry::Totals sent;
  ViewerRegistry::JoinTimes join_times;
  std::optional<double> last_fragment_age;
  Watching watching;
};

using ByStream = std::unordered_map<const Stream*, Watching>;

ByStream watching(const ViewerRegistry& registry) {
  ByStream by_stream;
  for (const auto& viewer : registry.viewers()) {
    Watching& watching = by_stream[viewer->stream.get()];
    ++watching.viewers;
    watching.add_lag(
        seconds(viewer->stream->lag(viewer->next_sequence.load(std::memory_order_relaxed))));
    if (const auto report = registry.player_report(viewer->id)) watching.add_report(*report);
  }
  return by_stream;
}

std::vector<StreamState> states(const StreamTable& table, const ViewerRegistry& viewers,
                                SteadyTime now) {
  ByStream present = watching(viewers);
  auto sent = viewers.totals_by_stream();
  std::vector<StreamState> states;
  for (const StreamTable::Entry& entry : table.listed()) {
    const Stream& stream = *entry->stream;
    StreamState state{.name = entry->settings.name,
                      .source = stream.source_status(),
                      .made = stream.totals(),
                      .sent = sent[stream.id()],
                      .join_times = viewers.join_times(stream),
                      .last_fragment_age = std::nullopt,
                      .watching = present[&stream]};
    // A fragment may have come since `now`.
    if (const auto last = stream.last_media())
      state.last_fragment_age = std::max(0.0, seconds(now - *last));
    states.push_back(std::move(state));
  }
  return states;
}

ClientMetric sample(MetricType type, double value, Labels labels) {
  ClientMetric sample;
  sample.label = std::move(labels);
  (type == MetricType::Counter ? sample.counter.value : sample.gauge.value) = value;
  return sample;
}

// Adds one family without labels; none where the value is unknown.
void add(Families& families, const char* name, MetricType type, const char* help,
         std::optional<double> value) {
  if (value) families.push_back({name, help, type, {sample(type, *value, {})}});
}

double number(std::uint64_t count) { return static_cast<double>(count); }

// One family with one sample a stream.
struct StreamMetric {
  const char* name;
  MetricType type;
  const char* help;
  std::optional<double> (*value)(const StreamState& state);
};

constexpr auto kCounter = MetricType::Counter;
constexpr auto kGauge = MetricType::Gauge;
using Value = std::optional<double>;

constexpr StreamMetric kStreamMetrics[] = {
    {"livestream_stream_viewers", kGauge, "Viewers now.",
     [](const StreamState& s) -> Value { return number(s.watching.viewers); }},
    {"livestream_stream_viewers_total", kCounter, "Viewers that were served, the present included.",
     [](const StreamState& s) -> Value { return number(s.sent.viewers); }},
    {"livestream_stream_viewers_refused_total", kCounter,
     "Viewers that were refused because there was no place for them.",
     [](const StreamState& s) -> Value { return number(s.sent.refused); }},
    {"livestream_stream_bytes_sent_total", kCounter, "Bytes of the stream sent to its viewers.",
     [](const StreamState& s) -> Value { return number(s.sent.bytes_sent); }},
    {"livestream_stream_fragments_sent_total", kCounter, "Fragments sent to viewers.",
     [](const StreamState& s) -> Value { return number(s.sent.fragments_sent); }},
    {"livestream_stream_fragments_skipped_total", kCounter,
     "Fragments that viewers skipped because they were too slow.",
     [](const StreamState& s) -> Value { return number(s.sent.fragments_skipped); }},
    {"livestream_stream_fragments_total", kCounter, "Fragments made.",
     [](const StreamState& s) -> Value { return number(s.made.fragments); }},
    {"livestream_stream_fragment_bytes_total", kCounter, "Bytes of the fragments made.",
     [](const StreamState& s) -> Value { return number(s.made.bytes); }},
    {"livestream_stream_log_fragments", kGauge, "Fragments kept for viewers.",
     [](const StreamState& s) -> Value { return number(s.made.log_fragments); }},
    {"livestream_stream_log_bytes", kGauge, "Bytes of the fragments kept for viewers.",
     [](const StreamState& s) -> Value { return number(s.made.log_bytes); }},
    {"livestream_stream_last_fragment_age_seconds", kGauge,
     "Time since the newest fragment of media; absent before the first.",
     [](const StreamState& s) { return s.last_fragment_age; }},
    {"livestream_stream_source_restarts_total", kCounter, "Starts of ffmpeg after the first.",
     [](const StreamState& s) -> Value { return number(s.source.restarts); }},
    {"livestream_stream_source_dropped_samples_total", kCounter,
     "Frames of picture and sound that came too late for their track.",
     [](const StreamState& s) -> Value { return number(s.source.dropped_samples); }},
    {"livestream_stream_source_fps", kGauge, "Video frames per second, over three seconds.",
     [](const StreamState& s) -> Value { return s.source.fps; }},
    {"livestream_stream_source_bytes_per_second", kGauge,
     "Bitrate of picture and sound together, in bytes, over three seconds.",
     [](const StreamState& s) -> Value { return s.source.bitrate_bps / 8; }},
    {"livestream_stream_source_speed_ratio", kGauge,
     "Media seconds that ffmpeg makes per second; the machine is too slow below 1.",
     [](const StreamState& s) -> Value { return s.source.speed; }},
    {"livestream_stream_viewer_lag_max_seconds", kGauge,
     "Media time from the next fragment of the slowest viewer to the newest one.",
     [](const StreamState& s) -> Value { return s.watching.max_lag; }},
    {"livestream_stream_player_reports", kGauge, "Viewers whose player reports how it plays.",
     [](const StreamState& s) -> Value { return number(s.watching.reports); }},
    {"livestream_stream_player_latency_p50_mean_seconds", kGauge,
     "Mean over the players of the median age of their picture.",
     [](const StreamState& s) { return s.watching.latency_p50.mean(); }},
    {"livestream_stream_player_latency_p50_max_seconds", kGauge,
     "The highest median age of the picture of a player.",
     [](const StreamState& s) { return s.watching.latency_p50.most(); }},
    {"livestream_stream_player_latency_p95_mean_seconds", kGauge,
     "Mean over the players of the 95th percentile of the age of their picture.",
     [](const StreamState& s) { return s.watching.latency_p95.mean(); }},
    {"livestream_stream_player_latency_p95_max_seconds", kGauge,
     "The highest 95th percentile of the age of the picture of a player.",
     [](const StreamState& s) { return s.watching.latency_p95.most(); }},
    {"livestream_stream_player_buffer_mean_seconds", kGauge,
     "Mean over the players of the media that they have buffered.",
     [](const StreamState& s) -> Value {
       if (s.watching.reports == 0) return std::nullopt;
       return s.watching.buffer / number(s.watching.reports);
     }},
    {"livestream_stream_player_stalls", kGauge, "Stalls of the players of present viewers.",
     [](const StreamState& s) -> Value { return number(s.watching.stalls); }},
    {"livestream_stream_player_reconnects", kGauge, "Reconnects of the players of present viewers.",
     [](const StreamState& s) -> Value { return number(s.watching.reconnects); }},
    {"livestream_stream_player_dropped_frames", kGauge,
     "Frames that the players of present viewers did not show.",
     [](const StreamState& s) -> Value { return number(s.watching.dropped_frames); }},
};

MetricFamily source_states(const std::vector<StreamState>& streams) {
  MetricFamily family{
      "livestream_stream_source_state", "1 for the state of the source, else 0.", kGauge, {}};
  for (const StreamState& stream : streams) {
    for (const SourceState state : {SourceState::kStarting, SourceState::kRunning,
                                    SourceState::kWaiting, SourceState::kStopped}) {
      family.metric.push_back(sample(kGauge, stream.source.state == state ? 1 : 0,
                                     {{"stream", stream.name}, {"state", to_string(state)}}));
    }
  }
  return family;
}

// Not a histogram of Prometheus, whose buckets count events since the start: these count the
// viewers of the moment.
MetricFamily viewers_by_lag(const std::vector<StreamState>& streams) {
  MetricFamily family{"livestream_stream_viewers_by_lag",
                      "Viewers that lag at most so many seconds of media.",
                      kGauge,
                      {}};
  const auto add_bound = [&](const StreamState& stream, std::string bound, std::uint64_t viewers) {
    family.metric.push_back(sample(
        kGauge, number(viewers), {{"stream", stream.name}, {"at_most_seconds", std::move(bound)}}));
  };
  for (const StreamState& stream : streams) {
    for (std::size_t i = 0; i < kLagBoundsSeconds.size(); ++i)
      add_bound(stream, fmt::format("{}", kLagBoundsSeconds[i]), stream.watching.within[i]);
    add_bound(stream, "+Inf", stream.watching.viewers);
  }
  return family;
}

MetricFamily join_times(const std::vector<StreamState>& streams) {
  using Times = ViewerRegistry::JoinTimes;
  MetricFamily family{"livestream_stream_join_seconds",
                      "Time from a viewer's request to the beginning of its response.",
                      MetricType::Histogram,
                      {}};
  for (const StreamState& stream : streams) {
    ClientMetric sample;
    sample.label = {{"stream", stream.name}};
    ClientMetric::Histogram& histogram = sample.histogram;
    for (std::size_t i = 0; i < stream.join_times.joins.size(); ++i) {
      histogram.sample_count += stream.join_times.joins[i];
      const double bound = i < Times::kBoundsSeconds.size()
                               ? Times::kBoundsSeconds[i]
                               : std::numeric_limits<double>::infinity();
      histogram.bucket.push_back({histogram.sample_count, bound});
    }
    histogram.sample_sum = seconds(stream.join_times.sum);
    family.metric.push_back(std::move(sample));
  }
  return family;
}

void add_streams(Families& families, const std::vector<StreamState>& streams) {
  for (const StreamMetric& metric : kStreamMetrics) {
    MetricFamily family{metric.name, metric.help, metric.type, {}};
    for (const StreamState& stream : streams) {
      if (const Value value = metric.value(stream))
        family.metric.push_back(sample(metric.type, *value, {{"stream", stream.name}}));
    }
    families.push_back(std::move(family));
  }
  families.push_back(source_states(streams));
  families.push_back(viewers_by_lag(streams));
  families.push_back(join_times(streams));
}

void add_workers(Families& families, const std::vector<WorkerStats>& workers) {
  WorkerStats all;
  MetricFamily pace{"livestream_worker_pace_seconds",
                    "Shortest time between two rounds of delivery; it grows under load.",
                    kGauge,
                    {}};
  for (std::size_t i = 0; i < workers.size(); ++i) {
    all.connections += workers[i].connections;
    all.accepted += workers[i].accepted;
    all.requests += workers[i].requests;
    pace.metric.push_back(
        sample(kGauge, workers[i].pace_ms / 1000, {{"worker", std::to_string(i)}}));
  }
  add(families, "livestream_workers", kGauge, "Threads that serve.", workers.size());
  add(families, "livestream_connections", kGauge, "Open connections, those of viewers included.",
      all.connections);
  add(families, "livestream_connections_total", kCounter, "Connections that were accepted.",
      all.accepted);
  add(families, "livestream_requests_total", kCounter, "Requests.", all.requests);
  families.push_back(std::move(pace));
}

// Names and meanings are those that Prometheus recommends to all programs.
void add_process(Families& families, const ProcessUsage& usage, WallTime started) {
  add(families, "process_start_time_seconds", kGauge, "Start of the server, since 1970.",
      seconds(started.time_since_epoch()));
  add(families, "process_cpu_seconds_total", kCounter,
      "Processor time, user and system, without ffmpeg.", usage.cpu_seconds);
  add(families, "process_resident_memory_bytes", kGauge, "Memory in use, without ffmpeg.",
      usage.resident_bytes);
  add(families, "process_open_fds", kGauge, "Open file descriptors.", usage.open_files);
  add(families, "process_max_fds", kGauge, "Limit of open file descriptors.", usage.max_open_files);
}

}  // namespace

MetricsOutlet::MetricsOutlet(Context context)
    : context_(std::move(context)), started_(context_.clock.wall_now()) {}

http::Response MetricsOutlet::get() {
  http::Response response;
  response.head.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"},
                           {"Cache-Control", "no-store"}};
  response.body = texts_.get(0, context_.clock.now(), [this] { return text(); });
  return response;
}

std::string MetricsOutlet::text() const {
  const ViewerRegistry& viewers = context_.viewers;
  Families families;
  families.push_back({"livestream_build_info",
                      "The version of the server; always 1.",
                      kGauge,
                      {sample(kGauge, 1, {{"version", std::string(kVersion)}})}});
  add(families, "livestream_viewers", kGauge, "Viewers of all streams and of the demo.",
      viewers.present());
  add(families, "livestream_max_clients", kGauge, "Places for viewers (MAX_CLIENTS).",
      viewers.max_viewers());
  add_workers(families, context_.workers());
  add_streams(families, states(*context_.streams.table(), viewers, context_.clock.now()));
  add_process(families, process_usage(), started_);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace livestream
