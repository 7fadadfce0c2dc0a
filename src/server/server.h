#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config/config.h"
#include "net/admission.h"
#include "net/worker.h"
#include "outlet/stats_outlet.h"
#include "server/service_manager.h"
#include "source/ffmpeg_check.h"
#include "source/on_demand.h"
#include "source/source_spec.h"
#include "source/supervisor.h"
#include "stream/demand.h"
#include "stream/stream.h"
#include "stream/viewer_registry.h"

namespace livestream {

// The whole server: the stream and beside it the demo, the ingest thread that feeds them, the
// workers that serve them, and the order in which they start and stop. Main thread.
class Server {
 public:
  Server(Config config, SourceSpec source, Log log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens on every address of HOST with every worker; fails with one line that names the setting
  // and the cure. From then on SIGINT and SIGTERM wait for run().
  [[nodiscard]] Result<void> listen();
  // The addresses to open in a browser; after listen().
  [[nodiscard]] const std::vector<std::string>& urls() const { return urls_; }

  // Serves until SIGINT or SIGTERM, then stops: listeners, viewers (their responses end properly),
  // source. A second signal ends the process at once. Blocks; returns the exit code: 0, or 2 when
  // ffmpeg turns out to be unusable.
  [[nodiscard]] int run();

 private:
  class StreamWaker;

  void make_workers();
  [[nodiscard]] std::vector<WorkerStats> worker_stats() const;
  [[nodiscard]] std::unique_ptr<Supervisor> supervisor(Stream& stream, const Demand& demand,
                                                       const SourceSettings& settings,
                                                       const EncodingSettings& encoding,
                                                       const SourceSpec& source);
  // Ingest thread. Begins to feed the streams, and looks at ffmpeg beside them; an ffmpeg that is
  // of no use ends run() with exit code 2.
  void start_producers(int& exit_code);
  // Ingest thread. Ends both producers at the same time, then calls `done`.
  void stop_producers(std::function<void()> done);
  // Tells the service manager that we are alive, as long as the loop of every thread runs.
  void tend_watchdog(boost::asio::steady_timer& timer);

  const Config config_;
  const SourceSettings demo_settings_;
  const EncodingSettings demo_encoding_;
  const SourceSpec source_;
  const Log log_;
  const SystemClock clock_;
  Stream stream_;
  Stream demo_stream_;
  Demand demand_{[] {}};
  Demand demo_demand_;
  ViewerRegistry viewers_;
  StatsOutlet stats_;
  net::Admission admission_;
  std::vector<std::unique_ptr<net::Worker>> workers_;
  std::vector<std::unique_ptr<StreamWaker>> wakers_;
  boost::asio::io_context ingest_{1};
  boost::asio::io_context main_loop_{1};
  boost::asio::signal_set signals_{main_loop_};
  // Ingest thread, as the producers and the check of ffmpeg are.
  const FfmpegStarter ffmpeg_;
  std::unique_ptr<FfmpegCheck> check_;
  std::unique_ptr<Supervisor> producer_;
  Supervisor* demo_source_ = nullptr;
  std::unique_ptr<OnDemand> demo_;
  int producers_left_ = 2;  // ingest thread; while stopping
  std::vector<std::string> urls_;
  const ServiceManager service_manager_;
  std::atomic<SteadyTime::rep> ingest_seen_{0};  // when the ingest thread last answered
};

}  // namespace livestream
