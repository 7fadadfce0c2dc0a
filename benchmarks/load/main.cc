// load: connects many viewers to one live stream and prints, as one JSON object on standard output,
// what they received and how much processor time the server used. `bench` runs it. By itself:
//   load --port 8000 --viewers 1000 --seconds 10 --check --pid PID
// Viewers connect at --ramp per second; --warm seconds later the measured window begins.
#include <algorithm>
#include <cstdio>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "load/crowd.h"
#include "load/process_meter.h"

namespace livestream::load {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMemoryLook_s = 0.25;
constexpr double kStall_s = 2;
constexpr double kFullShare = 0.99;
// A viewer that has received nothing for this long at the window's end is measured to the end.
constexpr double kSilence_s = 0.5;

// The value below which `share` of `values` lie; 0 when there are no values.
double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

Json spread_of(const std::vector<double>& values) {
  return {{"p50", percentile(values, 0.5)},
          {"p99", percentile(values, 0.99)},
          {"max", percentile(values, 1)}};
}

struct Reading {
  double time_s = steady_s();
  CpuTime cpu;
  CoreTime core;
  double own_cpu_s = load::own_cpu_s();
};

Reading read_meters(const Options& options) {
  return {.cpu = cpu_time(options.pids), .core = core_time(options.core)};
}

// The bytes that a viewer received in the window, and its own time from the first receipt to the
// last one.
struct Received {
  std::uint64_t bytes = 0;
  double seconds = 0;
  [[nodiscard]] double mbit_s() const {
    return seconds > 0 ? static_cast<double>(bytes) * 8 / seconds / 1e6 : 0;
  }
};

Received received(const Viewer& viewer, const Reading& end) {
  if (viewer.window_from_s == 0) return {};
  const bool silent = end.time_s - viewer.last_s > kSilence_s;
  return {.bytes = viewer.bytes - viewer.window_from_bytes,
          .seconds = (silent ? end.time_s : viewer.last_s) - viewer.window_from_s};
}

// Mbit/s of a viewer that misses nothing: the sampled viewers' bytes over their media time.
double full_rate(const Crowd& crowd, const Reading& end) {
  std::vector<double> rates;
  for (const Viewer& viewer : crowd.viewers()) {
    if (viewer.sample < 0 || !viewer.check || viewer.window_from_s == 0) continue;
    const double media_s = viewer.check->media_s() - viewer.window_from_media_s;
    if (media_s > 0)
      rates.push_back(static_cast<double>(received(viewer, end).bytes) * 8 / media_s / 1e6);
  }
  return percentile(rates, 0.5);
}

Json checks_of(const Crowd& crowd, const Reading& end) {
  std::uint64_t fragments = 0, sample_gaps = 0, slow_gaps = 0, broken = 0;
  std::string first_error;
  std::vector<double> speeds;
  for (const Viewer& viewer : crowd.viewers()) {
    if (!viewer.check) continue;
    fragments += viewer.check->fragments();
    (viewer.role == Viewer::Role::kSlow ? slow_gaps : sample_gaps) += viewer.check->gaps();
    if (viewer.sample >= 0 && viewer.window_from_s > 0 && viewer.last_s > viewer.window_from_s) {
      speeds.push_back((viewer.check->media_s() - viewer.window_from_media_s) /
                       (std::max(viewer.last_s, end.time_s - kSilence_s) - viewer.window_from_s));
    }
    if (viewer.check->error().empty()) continue;
    ++broken;
    if (first_error.empty()) first_error = viewer.check->error();
  }
  return {{"fragments", fragments},     {"broken_viewers", broken},
          {"first_error", first_error}, {"sample_gaps", sample_gaps},
          {"slow_gaps", slow_gaps},     {"slowest_media_speed", percentile(speeds, 0)}};
}

// The viewers of a window counted, joiners left out. Rates in Mbit/s; the gaps are of viewers at
// full speed.
struct Tally {
  std::vector<double> rates, slow_rates, first_ms, gaps_ms;
  std::size_t answered = 0, refused = 0, ended = 0, stalled = 0, at_full_rate = 0;
};

Tally tally_of(const Crowd& crowd, const Reading& begin, const Reading& end, double full) {
  Tally tally;
  for (const Viewer& viewer : crowd.viewers()) {
    if (viewer.role == Viewer::Role::kJoiner) continue;
    tally.refused += viewer.state == Viewer::State::kRefused;
    tally.ended += viewer.state == Viewer::State::kEnded;
    if (viewer.first_s > 0) {
      ++tally.answered;
      tally.first_ms.push_back((viewer.first_s - viewer.started_s) * 1e3);
    }
    const Received got = received(viewer, end);
    if (viewer.role == Viewer::Role::kSlow) {
      tally.slow_rates.push_back(got.mbit_s());
      continue;
    }
    tally.rates.push_back(got.mbit_s());
    const double gap_s =
        std::max(viewer.longest_gap_s, end.time_s - std::max(viewer.last_s, begin.time_s));
    tally.gaps_ms.push_back(gap_s * 1e3);
    tally.stalled += gap_s > kStall_s;
    tally.at_full_rate += got.mbit_s() >= full * kFullShare;
  }
  return tally;
}

Json report(const Options& options, const Crowd& crowd, const Reading& begin, const Reading& end) {
  const double full = options.check ? full_rate(crowd, end) : 0;
  const Tally tally = tally_of(crowd, begin, end, full);
  const double span = end.time_s - begin.time_s;
  const double gigabytes = static_cast<double>(crowd.window_bytes()) / 1e9;
  const double cpu_s = end.cpu.exact_s - begin.cpu.exact_s;
  const ContentMarks::Spread spread = crowd.marks().spread(begin.time_s);
  return {
      {"viewers", options.viewers},
      {"answered", tally.answered},
      {"refused", tally.refused},
      {"ended_early", tally.ended},
      {"stalled", tally.stalled},
      {"window_s", span},
      {"bytes", crowd.window_bytes()},
      {"full_mbit_s", full},
      {"at_full_rate", options.check ? Json(tally.at_full_rate) : Json()},
      {"viewer_mbit_s",
       {{"min", percentile(tally.rates, 0)},
        {"p1", percentile(tally.rates, 0.01)},
        {"median", percentile(tally.rates, 0.5)},
        {"max", percentile(tally.rates, 1)}}},
      {"slow_mbit_s",
       {{"min", percentile(tally.slow_rates, 0)}, {"median", percentile(tally.slow_rates, 0.5)}}},
      {"longest_gap_ms", spread_of(tally.gaps_ms)},
      {"first_byte_ms", spread_of(tally.first_ms)},
      {"joins",
       {{"done", crowd.join_ms().size()},
        {"failed", crowd.failed_joins()},
        {"first_byte_ms", spread_of(crowd.join_ms())}}},
      {"spread_ms",
       {{"marks", spread.marks},
        {"p50", percentile(spread.last_ms, 0.5)},
        {"p99", percentile(spread.last_ms, 0.99)}}},
      {"server",
       {{"cpu_s", cpu_s},
        {"user_s", end.cpu.user_s - begin.cpu.user_s},
        {"system_s", end.cpu.system_s - begin.cpu.system_s},
        {"cpu_percent", cpu_s / span * 100},
        {"cpu_s_per_gb", gigabytes > 0 ? cpu_s / gigabytes : 0}}},
      {"core",
       {{"busy_percent", (end.core.busy_s - begin.core.busy_s) / span * 100},
        {"softirq_percent", (end.core.softirq_s - begin.core.softirq_s) / span * 100}}},
      {"load_cpu_percent", (end.own_cpu_s - begin.own_cpu_s) / span * 100},
      {"check", options.check ? checks_of(crowd, end) : Json()},
  };
}

int run(const Options& options) {
  const std::int64_t resident_before = resident_kib(options.pids);
  const std::int64_t tcp_before = tcp_memory_kib();
  Crowd crowd(options);
  if (const Result<void> ready = crowd.prepare(); !ready) {
    fmt::print(stderr, "load: {}\n", ready.error().message);
    return 1;
  }
  double now_s = steady_s();
  const double window_from_s =
      now_s + static_cast<double>(options.viewers) / options.ramp + options.warm_s;
  std::int64_t tcp_peak = 0;
  double memory_look_s = now_s;
  while (now_s < window_from_s) {
    crowd.step(now_s, static_cast<int>((window_from_s - now_s) * 1e3) + 1);
    now_s = steady_s();
  }
  const Reading begin = read_meters(options);
  crowd.begin_window(begin.time_s);
  Json memory = Json::array();
  double memory_next_s = begin.time_s;
  const double window_to_s = begin.time_s + options.window_s;
  for (now_s = steady_s(); now_s < window_to_s; now_s = steady_s()) {
    if (now_s >= memory_look_s) {
      tcp_peak = std::max(tcp_peak, tcp_memory_kib());
      memory_look_s = now_s + kMemoryLook_s;
    }
    if (options.memory_every_s > 0 && now_s >= memory_next_s) {
      memory.push_back(resident_kib(options.pids));
      memory_next_s += options.memory_every_s;
    }
    crowd.step(now_s, static_cast<int>((window_to_s - now_s) * 1e3) + 1);
  }
  const Reading end = read_meters(options);
  Json json = report(options, crowd, begin, end);
  const std::int64_t resident_after = resident_kib(options.pids);
  json["memory"] = {
      {"resident_before_kib", resident_before},
      {"resident_after_kib", resident_after},
      {"kib_per_viewer", static_cast<double>(resident_after - resident_before) /
                             static_cast<double>(std::max<std::size_t>(options.viewers, 1))},
      {"through_window_kib", memory},
      {"tcp_before_kib", tcp_before},
      {"tcp_peak_kib", tcp_peak}};
  fmt::print("{}\n", json.dump());
  return 0;
}

}  // namespace
}  // namespace livestream::load

int main(int argc, char** argv) {
  const livestream::Result<livestream::load::Options> options =
      livestream::load::parse_options(argc, argv);
  if (!options) {
    fmt::print(stderr, "load: {}\n", options.error().message);
    return 2;
  }
  return livestream::load::run(*options);
}
