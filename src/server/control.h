#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "config/config.h"
#include "config/invocation.h"
#include "outlet/server_control.h"
#include "server/file_watch.h"
#include "server/stream_set.h"

namespace livestream {

// Brings the streams up to the configuration: at the start, at SIGHUP, when a file changes, and as
// the API asks. Every change is loaded whole and checked before anything is touched; a faulty one
// is said and changes nothing. The server's own settings stay those of the start. Main thread, but
// for what ServerControl says.
class Control final : public ServerControl {
 public:
  // Borrows everything that comes by reference. `on_change`: another configuration is in force.
  struct Parts {
    boost::asio::io_context& main_loop;
    StreamSet& streams;
    Log log;
    std::function<void()> on_change;
  };
  Control(Parts parts, Config config, ConfigInputs inputs);

  // Applies the configuration of the start.
  [[nodiscard]] Result<void> begin();
  // From now on signals and files count.
  void watch();
  void stop();

  [[nodiscard]] std::shared_ptr<const Config> config() const override;
  void change(StreamChange change, bool keep, Done done) override;
  void restart(std::string stream, Done done) override;
  void reload(Done done) override;

 private:
  void wait_for_hangup();
  void load_files();
  [[nodiscard]] Result<void> load(const ConfigInputs& inputs);
  [[nodiscard]] Outcome changed(const StreamChange& change, bool keep);
  [[nodiscard]] Outcome kept(const StreamChange& change, const ConfigInputs& inputs);
  // The inputs with the change, and without those that it makes meaningless.
  [[nodiscard]] ConfigInputs with(const StreamChange& change) const;

  const Parts parts_;
  const ServerSettings settings_;
  ConfigInputs inputs_;
  boost::asio::signal_set hangup_;
  FileWatch files_;
  mutable Mutex mutex_;
  std::shared_ptr<const Config> config_ GUARDED_BY(mutex_);
};

}  // namespace livestream
