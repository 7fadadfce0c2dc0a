#include "server/server.h"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "config/settings.h"
#include "net/addresses.h"
#include "outlet/site.h"

namespace livestream {
namespace {

// Viewers that read get this long to take the end of their response. ffmpeg stops at the same time,
// so that the whole stop takes less than two seconds.
constexpr std::chrono::milliseconds kDrainPatience{1000};

// A thread whose loop has not run for this long hangs.
constexpr std::chrono::seconds kAliveWithin{5};

// How long the demo goes on without viewers: a browser is often tested twice.
constexpr std::chrono::seconds kDemoLingers{10};
constexpr VideoSize kDemoSize = {640, 360};

constexpr std::size_t kMostIngestThreads = 4;

unsigned worker_count(const ServerSettings& settings) {
  return settings.workers != 0 ? settings.workers
                               : std::max(1u, std::thread::hardware_concurrency());
}

net::Admission::Limits limits_of(const ServerSettings& settings) {
  return {.connections_per_address = settings.max_connections_per_address,
          .requests_per_second_per_address = settings.max_requests_per_second,
          .trusted_proxies = settings.trusted_proxies};
}

std::vector<StreamSettings> enabled(const std::vector<StreamSettings>& streams) {
  std::vector<StreamSettings> chosen;
  std::copy_if(streams.begin(), streams.end(), std::back_inserter(chosen),
               [](const StreamSettings& stream) { return stream.enabled; });
  return chosen;
}

// The keys of the server's own settings that differ, as a file names them.
std::string differences(const ServerSettings& before, const ServerSettings& now) {
  std::vector<std::string> keys;
  for (const Setting& setting : server_settings()) {
    if (setting.print({.server = before}) != setting.print({.server = now}))
      keys.push_back(to_lower_case(setting.key));
  }
  return fmt::format("{}", fmt::join(keys, ", "));
}

// The same small picture for everybody, however this server encodes its own sources: a test of the
// browser does not depend on the settings of the user, only on the ffmpeg that is there.
StreamSettings demo_settings(const Config& config) {
  const SourceSettings& own = config.streams.at(0).source;
  StreamSettings demo;
  demo.name = "demo";
  demo.title = "Demo";
  demo.on_demand = true;
  demo.linger = kDemoLingers;
  demo.source.video_file = "demo";
  demo.source.video_file_is_default = false;
  demo.source.slate = false;
  demo.source.ffmpeg = own.ffmpeg;
  demo.source.ffmpeg_memory_mb = own.ffmpeg_memory_mb;
  demo.encoding.video_resolution = kDemoSize;
  return demo;
}

// A stream on each costs no more than on one, and a few share what the kernel does for ffmpeg.
std::size_t ingest_count() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostIngestThreads);
}

}  // namespace

// Tells one worker that a stream has something new.
class Server::StreamWaker final : public StreamListener {
 public:
  explicit StreamWaker(std::shared_ptr<net::Waker> waker) : waker_(std::move(waker)) {}
  void on_published() override { waker_->wake(); }

 private:
  const std::shared_ptr<net::Waker> waker_;
};

Server::Server(Config config, ConfigInputs inputs, Log log)
    : settings_(config.server),
      config_(std::move(config)),
      inputs_(std::move(inputs)),
      log_(std::move(log)),
      viewers_({.viewers = settings_.max_clients,
                .fair_per_address = settings_.fair_clients_per_address}),
      stats_({.viewers = viewers_,
              .clock = clock_,
              .workers = [this] { return worker_stats(); },
              .viewers_for = settings_.stats_viewers}),
      admission_(limits_of(settings_), clock_),
      ingest_(ingest_count(), clock_),
      workers_(make_workers()),
      streams_({.ingest = ingest_,
                .registry = registry_,
                .viewers = viewers_,
                .clock = clock_,
                .log = log_,
                .listeners = [this](const Stream& stream) { return wakers(stream); }},
               {demo_settings(config_)}),
      ffmpeg_([this](const std::vector<std::string>& arguments,
                     const ChildProcess::Options& options, FfmpegProcess::Listener& listener) {
        return FfmpegRun::start(main_loop_, arguments, options, listener);
      }),
      files_(main_loop_, [this] { reload(); }) {}

Server::~Server() = default;

std::vector<std::unique_ptr<net::Worker>> Server::make_workers() {
  const SiteContext site{.settings = settings_,
                         .streams = registry_,
                         .viewers = viewers_,
                         .clock = clock_,
                         .assets = embedded_assets(),
                         .stats = stats_};
  const net::Worker::Options options{
      .delivery_interval = settings_.delivery_interval.value_or(std::chrono::milliseconds(0))};
  std::vector<std::unique_ptr<net::Worker>> workers;
  for (unsigned i = 0; i < worker_count(settings_); ++i) {
    workers.push_back(std::make_unique<net::Worker>(options, admission_, clock_, log_));
    workers.back()->set_handler(make_site(site));
  }
  return workers;
}

std::vector<std::unique_ptr<StreamListener>> Server::wakers(const Stream& stream) {
  std::vector<std::unique_ptr<StreamListener>> wakers;
  for (const auto& worker : workers_)
    wakers.push_back(std::make_unique<StreamWaker>(worker->make_waker(stream.id())));
  return wakers;
}

std::vector<WorkerStats> Server::worker_stats() const {
  std::vector<WorkerStats> stats;
  for (const auto& worker : workers_) {
    const net::Worker::Counters counters = worker->counters();
    stats.push_back({.connections = counters.connections,
                     .accepted = counters.accepted,
                     .requests = counters.requests,
                     .pace_ms = counters.pace_ms,
                     .io_uring = counters.io_uring});
  }
  return stats;
}

Result<void> Server::listen() {
  if (const auto applied = streams_.apply(enabled(config_.streams)); !applied)
    return tl::unexpected(applied.error());
  Result<std::vector<boost::asio::ip::tcp::endpoint>> endpoints =
      resolve_host(settings_.host, settings_.port);
  if (!endpoints) return tl::unexpected(endpoints.error());
  std::uint16_t port = settings_.port;
  if (port == 0) {
    const Result<std::uint16_t> chosen = free_port(*endpoints);
    if (!chosen) return tl::unexpected(chosen.error());
    port = *chosen;
  }
  for (boost::asio::ip::tcp::endpoint& endpoint : *endpoints) {
    endpoint.port(port);
    if (const auto free = check_free(endpoint); !free) return tl::unexpected(free.error());
    for (const auto& worker : workers_) {
      if (const auto listening = worker->listen(endpoint); !listening)
        return tl::unexpected(listening.error());
    }
  }
  urls_ = urls_to_open(*endpoints, port);
  // A program that reads these addresses may send a signal from now on.
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  hangup_.add(SIGHUP);
  return {};
}

void Server::tend_watchdog(boost::asio::steady_timer& timer) {
  if (!service_manager_.watchdog()) return;
  const SteadyTime now = clock_.now();
  bool alive = ingest_.alive(kAliveWithin);
  for (const auto& worker : workers_) alive = alive && now - worker->last_tick() < kAliveWithin;
  if (alive) service_manager_.alive();
  timer.expires_after(*service_manager_.watchdog() / 4);
  timer.async_wait([this, &timer](const boost::system::error_code& error) {
    if (!error) tend_watchdog(timer);
  });
}

void Server::check_ffmpegs() {
  std::vector<FfmpegCheck*> begun;
  for (const StreamSettings& stream : config_.streams) {
    auto [place, is_new] = checks_.try_emplace({stream.source.ffmpeg, stream.encoding.video_codec});
    if (!is_new) continue;
    const auto done = [this, name = stream.name,
                       path = stream.source.ffmpeg](const Result<FfmpegInfo>& info) {
      if (info) return streams_.set_ffmpeg(path, *info);
      log_.error(info.error().message, {{"stream", name}});
      if (++useless_ < checks_.size()) return;
      exit_code_ = 2;
      signals_.cancel();
    };
    place->second = std::make_unique<FfmpegCheck>(main_loop_, ffmpeg_, stream, done);
    begun.push_back(place->second.get());
  }
  for (FfmpegCheck* check : begun) check->start();
}

void Server::wait_for_reload() {
  hangup_.async_wait([this](const boost::system::error_code& cancelled, int) {
    if (cancelled) return;
    log_.info("SIGHUP: the configuration is loaded again");
    reload();
    wait_for_reload();
  });
}

void Server::reload() {
  Result<Config> config = load_again(inputs_);
  Result<void> applied =
      config ? streams_.apply(enabled(config->streams)) : tl::unexpected(config.error());
  if (!applied) {
    log_.error("the configuration has a fault and changes nothing: " + applied.error().message);
    // A file that names others may be mended by a change of one of those.
    return;
  }
  for (const std::string& notice : config->notices) log_.warn(notice);
  if (const std::string keys = differences(settings_, config->server); !keys.empty())
    log_.warn("these settings change when the server is started again: " + keys);
  config_ = *std::move(config);
  files_.watch(config_.files);
  check_ffmpegs();
  log_.info("the configuration is in force", {{"streams", config_.streams.size()}});
}

int Server::run() {
  ingest_.start();
  std::vector<std::thread> threads;
  for (const auto& worker : workers_) threads.emplace_back([&worker] { worker->run(); });

  boost::asio::steady_timer watchdog(main_loop_);
  signals_.async_wait([&](const boost::system::error_code&, int) {
    watchdog.cancel();
    hangup_.cancel();
    files_.stop();
    checks_.clear();
  });
  wait_for_reload();
  files_.watch(config_.files);
  service_manager_.ready();
  check_ffmpegs();
  tend_watchdog(watchdog);
  main_loop_.run();
  log_.info("stopping");
  service_manager_.stopping();
  // A second signal ends the process at once.
  std::signal(SIGINT, [](int) { ::_exit(1); });
  std::signal(SIGTERM, [](int) { ::_exit(1); });

  for (const auto& worker : workers_) worker->drain(kDrainPatience);
  streams_.stop();
  for (std::thread& thread : threads) thread.join();
  ingest_.join();
  return exit_code_;
}

}  // namespace livestream
