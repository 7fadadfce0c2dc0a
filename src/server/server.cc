#include "server/server.h"

#include <algorithm>
#include <csignal>
#include <random>
#include <thread>
#include <unistd.h>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "outlet/site.h"
#include "server/addresses.h"

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

std::string new_epoch() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

unsigned worker_count(const ServerSettings& settings) {
  return settings.workers != 0 ? settings.workers
                               : std::max(1u, std::thread::hardware_concurrency());
}

net::Admission::Limits limits_of(const ServerSettings& settings) {
  return {.connections_per_address = settings.max_connections_per_address,
          .requests_per_second_per_address = settings.max_requests_per_second,
          .trusted_proxies = settings.trusted_proxies};
}

SourceSettings demo_settings(const SourceSettings& settings) {
  SourceSettings demo;
  demo.video_file = "demo";
  demo.video_file_is_default = false;
  demo.slate = false;
  demo.ffmpeg = settings.ffmpeg;
  demo.ffmpeg_memory_mb = settings.ffmpeg_memory_mb;
  return demo;
}

// The same small picture for everybody, however this server encodes its own source: a test of the
// browser does not depend on the settings of the user.
EncodingSettings demo_encoding() {
  EncodingSettings encoding;
  encoding.video_resolution = kDemoSize;
  return encoding;
}

}  // namespace

// Tells one worker that a stream has something new.
class Server::StreamWaker final : public StreamListener {
 public:
  explicit StreamWaker(std::unique_ptr<net::Waker> waker) : waker_(std::move(waker)) {}
  void on_published() override { waker_->wake(); }

 private:
  const std::unique_ptr<net::Waker> waker_;
};

Server::Server(Config config, SourceSpec source, Log log)
    : config_(std::move(config)),
      demo_settings_(demo_settings(config_.streams.at(0).source)),
      demo_encoding_(demo_encoding()),
      source_(std::move(source)),
      log_(std::move(log)),
      stream_("default", new_epoch()),
      demo_stream_("demo", new_epoch()),
      demo_demand_([this] { boost::asio::post(ingest_, [this] { demo_->wake(); }); }),
      viewers_({.viewers = config_.server.max_clients,
                .fair_per_address = config_.server.fair_clients_per_address}),
      stats_({.encoding = config_.streams.at(0).encoding,
              .stream = stream_,
              .viewers = viewers_,
              .clock = clock_,
              .workers = [this] { return worker_stats(); },
              .viewers_for = config_.server.stats_viewers}),
      admission_(limits_of(config_.server), clock_),
      ffmpeg_([this](const std::vector<std::string>& arguments,
                     const ChildProcess::Options& options, FfmpegProcess::Listener& listener) {
        return FfmpegRun::start(ingest_, arguments, options, listener);
      }) {
  make_workers();
  producer_ = supervisor(stream_, demand_, config_.streams.at(0).source,
                         config_.streams.at(0).encoding, source_);
  auto demo = supervisor(demo_stream_, demo_demand_, demo_settings_, demo_encoding_, SourceSpec{});
  demo_source_ = demo.get();
  demo_ = std::make_unique<OnDemand>(ingest_, std::move(demo), demo_stream_, demo_demand_,
                                     kDemoLingers, log_);
}

Server::~Server() = default;

std::unique_ptr<Supervisor> Server::supervisor(Stream& stream, const Demand& demand,
                                               const SourceSettings& settings,
                                               const EncodingSettings& encoding,
                                               const SourceSpec& source) {
  const auto chance = [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<>()(engine);
  };
  return std::make_unique<Supervisor>(Supervisor::Parts{.ingest = ingest_,
                                                        .stream = stream,
                                                        .demand = demand,
                                                        .clock = clock_,
                                                        .log = log_,
                                                        .ffmpeg = ffmpeg_,
                                                        .chance = chance},
                                      settings, encoding, source);
}

void Server::make_workers() {
  const SiteContext site{.config = config_,
                         .stream = stream_,
                         .demand = demand_,
                         .demo = demo_stream_,
                         .demo_demand = demo_demand_,
                         .viewers = viewers_,
                         .clock = clock_,
                         .assets = embedded_assets(),
                         .stats = stats_};
  const net::Worker::Options options{
      .delivery_interval = config_.server.delivery_interval.value_or(std::chrono::milliseconds(0))};
  std::vector<StreamListener*> listeners;
  std::vector<StreamListener*> demo_listeners;
  const auto waker = [this](net::Worker& worker, const Stream& stream) {
    wakers_.push_back(std::make_unique<StreamWaker>(worker.make_waker(&stream)));
    return wakers_.back().get();
  };
  for (unsigned i = 0; i < worker_count(config_.server); ++i) {
    auto worker = std::make_unique<net::Worker>(options, admission_, clock_, log_);
    worker->set_handler(make_site(site));
    listeners.push_back(waker(*worker, stream_));
    demo_listeners.push_back(waker(*worker, demo_stream_));
    workers_.push_back(std::move(worker));
  }
  stream_.set_listeners(std::move(listeners));
  demo_stream_.set_listeners(std::move(demo_listeners));
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
  Result<std::vector<boost::asio::ip::tcp::endpoint>> endpoints =
      resolve_host(config_.server.host, config_.server.port);
  if (!endpoints) return tl::unexpected(endpoints.error());
  std::uint16_t port = config_.server.port;
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
  const auto recent = [now](SteadyTime seen) { return now - seen < kAliveWithin; };
  bool alive = recent(SteadyTime(SteadyTime::duration(ingest_seen_.load())));
  for (const auto& worker : workers_) alive = alive && recent(worker->last_tick());
  if (alive) service_manager_.alive();
  boost::asio::post(ingest_, [this] { ingest_seen_ = clock_.now().time_since_epoch().count(); });
  timer.expires_after(*service_manager_.watchdog() / 4);
  timer.async_wait([this, &timer](const boost::system::error_code& error) {
    if (!error) tend_watchdog(timer);
  });
}

void Server::stop_producers(std::function<void()> done) {
  const auto one_stopped = [this, done = std::move(done)] {
    if (--producers_left_ == 0) done();
  };
  producer_->stop(one_stopped);
  demo_->stop(one_stopped);
}

void Server::start_producers(int& exit_code) {
  producer_->start();
  demo_->start();
  check_ = std::make_unique<FfmpegCheck>(ingest_, ffmpeg_, config_.streams.at(0).source,
                                         config_.streams.at(0).encoding,
                                         [this, &exit_code](Result<FfmpegInfo> info) {
                                           if (info) {
                                             producer_->set_ffmpeg(*info);
                                             return demo_source_->set_ffmpeg(std::move(*info));
                                           }
                                           log_.error(info.error().message);
                                           boost::asio::post(main_loop_, [this, &exit_code] {
                                             exit_code = 2;
                                             signals_.cancel();
                                           });
                                         });
  check_->start();
}

int Server::run() {
  auto keep_ingesting = boost::asio::make_work_guard(ingest_);

  int exit_code = 0;
  boost::asio::post(ingest_, [this, &exit_code] { start_producers(exit_code); });
  std::thread ingest([this] { ingest_.run(); });
  std::vector<std::thread> threads;
  for (const auto& worker : workers_) threads.emplace_back([&worker] { worker->run(); });

  boost::asio::steady_timer watchdog(main_loop_);
  signals_.async_wait([&](const boost::system::error_code&, int) { watchdog.cancel(); });
  service_manager_.ready();
  tend_watchdog(watchdog);
  main_loop_.run();
  log_.info("stopping");
  service_manager_.stopping();
  // A second signal ends the process at once.
  std::signal(SIGINT, [](int) { ::_exit(1); });
  std::signal(SIGTERM, [](int) { ::_exit(1); });

  for (const auto& worker : workers_) worker->drain(kDrainPatience);
  boost::asio::post(ingest_, [this, &keep_ingesting] {
    check_.reset();
    stop_producers([&keep_ingesting] { keep_ingesting.reset(); });
  });
  for (std::thread& thread : threads) thread.join();
  ingest.join();
  return exit_code;
}

}  // namespace livestream
