#pragma once

#include <memory>
#include <span>

#include "base/clock.h"
#include "config/server_settings.h"
#include "http/response.h"
#include "outlet/assets.h"
#include "outlet/event_log.h"
#include "outlet/metrics_outlet.h"
#include "outlet/server_control.h"
#include "outlet/stats_outlet.h"
#include "stream/stream_registry.h"
#include "stream/viewer_registry.h"

namespace livestream {

// Everything that the answers of one server are made from. Everything referred to outlives every
// site.
struct SiteContext {
  const ServerSettings& settings;
  const StreamRegistry& streams;
  ViewerRegistry& viewers;
  const Clock& clock;
  std::span<const EmbeddedAsset> assets;
  StatsOutlet& stats;
  ServerControl& control;
  const EventLog& events;
  MetricsOutlet& metrics;
};

// All URLs of a server: those of each stream below its name, and for the first stream at the root
// as well. For one worker, on its thread.
[[nodiscard]] std::unique_ptr<http::Handler> make_site(const SiteContext& context);

}  // namespace livestream
