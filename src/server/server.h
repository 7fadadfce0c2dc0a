#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config/config.h"
#include "config/invocation.h"
#include "net/admission.h"
#include "net/worker.h"
#include "outlet/metrics_outlet.h"
#include "outlet/stats_outlet.h"
#include "server/control.h"
#include "server/event_watch.h"
#include "server/hook_runner.h"
#include "server/hooks.h"
#include "server/ingest_threads.h"
#include "server/service_manager.h"
#include "server/stream_set.h"
#include "source/ffmpeg_check.h"
#include "source/ffmpeg_run.h"
#include "stream/stream_registry.h"
#include "stream/viewer_registry.h"

namespace livestream {

// The whole server: the streams and beside them the demo, the ingest threads that feed them, the
// workers that serve them, and the order in which they start and stop. Main thread.
class Server {
 public:
  // `inputs`: those of the configuration, to load it again.
  Server(Config config, ConfigInputs inputs, Log log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Sets the streams up, and listens on every address of HOST with every worker; fails with one
  // line that names the setting and the cure. From then on SIGINT and SIGTERM wait for run().
  [[nodiscard]] Result<void> listen();
  // The addresses to open in a browser; after listen().
  [[nodiscard]] const std::vector<std::string>& urls() const { return urls_; }

  // Serves until SIGINT or SIGTERM; at SIGHUP, and when a file of the configuration changes, loads
  // it again: a faulty one is logged and changes nothing. Then stops: listeners, viewers (their
  // responses end properly), source. A second signal ends the process at once. Blocks; returns the
  // exit code: 0, or 2 when ffmpeg turns out to be unusable.
  [[nodiscard]] int run();

 private:
  class StreamWaker;
  // Those of streams count up from 1.
  static constexpr http::Channel kEvents = ~http::Channel{0};

  [[nodiscard]] std::vector<std::unique_ptr<net::Worker>> make_workers();
  [[nodiscard]] std::vector<std::unique_ptr<StreamListener>> wakers(const Stream& stream);
  [[nodiscard]] std::vector<WorkerStats> worker_stats() const;
  // Looks at each ffmpeg that the streams use and that is not known yet, beside the streams that
  // already run. run() ends with exit code 2 when none is of use.
  void check_ffmpegs();
  // Tells the service manager that we are alive, as long as the loop of every thread runs.
  void tend_watchdog(boost::asio::steady_timer& timer);

  // The server's own settings stay those of the start.
  const ServerSettings settings_;
  const Log log_;
  const SystemClock clock_;
  StreamRegistry registry_;
  ViewerRegistry viewers_;
  StatsOutlet stats_;
  EventLog events_{kEvents};
  MetricsOutlet metrics_;
  net::Admission admission_;
  IngestThreads ingest_;
  std::vector<std::unique_ptr<net::Worker>> workers_;
  boost::asio::io_context main_loop_{1};
  boost::asio::signal_set signals_{main_loop_};
  StreamSet streams_;
  Control control_;
  HookRunner hook_runner_{clock_, log_};
  Hooks hooks_{clock_, [this](HookCall call) { hook_runner_.run(std::move(call)); }};
  EventWatch event_watch_{main_loop_, registry_, viewers_, events_, hooks_};
  const FfmpegStarter ffmpeg_;
  // By program and encoder.
  std::map<std::pair<std::string, std::string>, std::unique_ptr<FfmpegCheck>> checks_;
  // Checks that found an ffmpeg of no use.
  std::size_t useless_ = 0;
  int exit_code_ = 0;
  std::vector<std::string> urls_;
  const ServiceManager service_manager_;
};

}  // namespace livestream
