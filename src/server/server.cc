#include "server/server.h"

#include <algorithm>
#include <csignal>
#include <thread>
#include <unistd.h>
#include <utility>

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

unsigned worker_count(const ServerSettings& settings) {
  return settings.workers != 0 ? settings.workers
                               : std::max(1u, std::thread::hardware_concurrency());
}

net::Admission::Limits limits_of(const ServerSettings& settings) {
  return {.connections_per_address = settings.max_connections_per_address,
          .requests_per_second_per_address = settings.max_requests_per_second,
          .trusted_proxies = settings.trusted_proxies};
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
      log_(std::move(log)),
      viewers_({.viewers = settings_.max_clients,
                .fair_per_address = settings_.fair_clients_per_address}),
      stats_({.viewers = viewers_,
              .clock = clock_,
              .workers = [this] { return worker_stats(); },
              .viewers_for = settings_.stats_viewers}),
      metrics_({.streams = registry_,
                .viewers = viewers_,
                .clock = clock_,
                .workers = [this] { return worker_stats(); }}),
      admission_(limits_of(settings_), clock_),
      ingest_(clock_),
      workers_(make_workers()),
      streams_({.ingest = ingest_,
                .registry = registry_,
                .viewers = viewers_,
                .clock = clock_,
                .log = log_,
                .listeners = [this](const Stream& stream) { return wakers(stream); }},
               {demo_settings(config)}),
      control_({.main_loop = main_loop_,
                .streams = streams_,
                .log = log_,
                .on_change = [this] { check_ffmpegs(); }},
               std::move(config), std::move(inputs)),
      ffmpeg_(ffmpeg_starter(main_loop_)) {}

Server::~Server() = default;

std::vector<std::unique_ptr<net::Worker>> Server::make_workers() {
  const SiteContext site{.settings = settings_,
                         .streams = registry_,
                         .viewers = viewers_,
                         .clock = clock_,
                         .assets = embedded_assets(),
                         .stats = stats_,
                         .control = control_,
                         .events = events_,
                         .metrics = metrics_};
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
  std::vector<std::shared_ptr<net::Waker>> listeners;
  for (const auto& worker : workers_) listeners.push_back(worker->make_waker(kEvents));
  events_.set_wake([listeners = std::move(listeners)] {
    for (const auto& listener : listeners) listener->wake();
  });
  if (const auto begun = control_.begin(); !begun) return tl::unexpected(begun.error());
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
  const auto config = control_.config();
  for (const StreamSettings& stream : config->streams) {
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

int Server::run() {
  ingest_.start();
  std::vector<std::thread> threads;
  for (const auto& worker : workers_) threads.emplace_back([&worker] { worker->run(); });

  boost::asio::steady_timer watchdog(main_loop_);
  signals_.async_wait([&](const boost::system::error_code&, int) {
    watchdog.cancel();
    control_.stop();
    event_watch_.stop();
    checks_.clear();
  });
  control_.watch();
  event_watch_.start();
  service_manager_.ready();
  check_ffmpegs();
  tend_watchdog(watchdog);
  main_loop_.run();
  log_.info("stopping");
  service_manager_.stopping();
  // A second signal ends the process at once.
  std::signal(SIGINT, [](int) { ::_exit(1); });
  std::signal(SIGTERM, [](int) { ::_exit(1); });

  hook_runner_.stop();
  for (const auto& worker : workers_) worker->drain(kDrainPatience);
  streams_.stop();
  for (std::thread& thread : threads) thread.join();
  ingest_.join();
  hook_runner_.join();
  return exit_code_;
}

}  // namespace livestream
