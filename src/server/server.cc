#include "server/server.h"

#include <algorithm>
#include <csignal>
#include <random>
#include <thread>
#include <unistd.h>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include "base/check.h"
#include "outlet/site.h"
#include "server/addresses.h"
#include "source/ffmpeg_info.h"
#include "source/supervisor.h"

namespace livestream {
namespace {

// The whole stop takes less than two seconds; viewers who read need a moment, ffmpeg another, both
// at the same time.
constexpr std::chrono::milliseconds kDrainPatience{1000};

// A thread that has not come round for this long hangs.
constexpr std::chrono::seconds kAliveWithin{5};

std::string new_epoch() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

unsigned worker_count(const Config& config) {
  return config.workers != 0 ? config.workers : std::max(1u, std::thread::hardware_concurrency());
}

net::Admission::Limits limits_of(const Config& config) {
  net::Admission::Limits limits{.connections_per_address = config.max_connections_per_address,
                                .requests_per_second_per_address = config.max_requests_per_second};
  for (const std::string& proxy : config.trusted_proxies) CHECK(limits.trusted_proxies.add(proxy));
  return limits;
}

}  // namespace

// Passes the stream's news on to one worker.
class Server::StreamWaker final : public StreamListener {
 public:
  explicit StreamWaker(std::unique_ptr<net::Waker> waker) : waker_(std::move(waker)) {}
  void on_published() override { waker_->wake(); }

 private:
  const std::unique_ptr<net::Waker> waker_;
};

Server::Server(Config config, SourceSpec source, Log log)
    : config_(std::move(config)),
      source_(std::move(source)),
      log_(std::move(log)),
      stream_("default", new_epoch()),
      viewers_(config_.max_clients),
      admission_(limits_of(config_), clock_) {
  const SiteContext site{.config = config_,
                         .stream = stream_,
                         .viewers = viewers_,
                         .clock = clock_,
                         .assets = embedded_assets(),
                         .workers = [this] { return worker_stats(); }};
  const net::Worker::Options options{
      .delivery_interval = config_.delivery_interval.value_or(std::chrono::milliseconds(0))};
  std::vector<StreamListener*> listeners;
  for (unsigned i = 0; i < worker_count(config_); ++i) {
    auto worker = std::make_unique<net::Worker>(options, admission_, clock_, log_);
    worker->set_handler(make_site(site));
    wakers_.push_back(std::make_unique<StreamWaker>(worker->make_waker(&stream_)));
    listeners.push_back(wakers_.back().get());
    workers_.push_back(std::move(worker));
  }
  stream_.set_listeners(std::move(listeners));
  producer_ =
      std::make_unique<Supervisor>(ingest_, config_, source_, FfmpegInfo{}, stream_, clock_, log_);
}

Server::~Server() = default;

std::vector<WorkerStats> Server::worker_stats() const {
  std::vector<WorkerStats> stats;
  for (const auto& worker : workers_) {
    const net::Worker::Counters counters = worker->counters();
    stats.push_back({.connections = counters.connections,
                     .accepted = counters.accepted,
                     .requests = counters.requests,
                     .pace_ms = counters.pace_ms});
  }
  return stats;
}

Result<void> Server::listen() {
  Result<std::vector<boost::asio::ip::tcp::endpoint>> endpoints =
      resolve_host(config_.host, config_.port);
  if (!endpoints) return tl::unexpected(endpoints.error());
  std::uint16_t port = config_.port;
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

int Server::run() {
  boost::asio::io_context main_loop{1};
  boost::asio::signal_set signals(main_loop, SIGINT, SIGTERM);
  auto keep_ingesting = boost::asio::make_work_guard(ingest_);

  boost::asio::post(ingest_, [this] { producer_->start(); });
  std::thread ingest([this] { ingest_.run(); });
  std::vector<std::thread> threads;
  for (const auto& worker : workers_) threads.emplace_back([&worker] { worker->run(); });

  // Beside the running stream, which does not wait for it.
  int exit_code = 0;
  std::thread check([&] {
    const Result<FfmpegInfo> usable = check_ffmpeg(config_);
    if (usable) return;
    log_.error(usable.error().message);
    boost::asio::post(main_loop, [&] {
      exit_code = 2;
      signals.cancel();
    });
  });

  boost::asio::steady_timer watchdog(main_loop);
  signals.async_wait([&](const boost::system::error_code&, int) { watchdog.cancel(); });
  service_manager_.ready();
  tend_watchdog(watchdog);
  main_loop.run();
  log_.info("stopping");
  service_manager_.stopping();
  // Blocking signals stay handled here so that a second one ends the process at once.
  std::signal(SIGINT, [](int) { ::_exit(1); });
  std::signal(SIGTERM, [](int) { ::_exit(1); });

  for (const auto& worker : workers_) worker->drain(kDrainPatience);
  boost::asio::post(ingest_, [this, &keep_ingesting] {
    producer_->stop([&keep_ingesting] { keep_ingesting.reset(); });
  });
  for (std::thread& thread : threads) thread.join();
  ingest.join();
  check.join();
  return exit_code;
}

}  // namespace livestream
