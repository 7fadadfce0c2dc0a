#pragma once

#include <memory>
#include <span>

#include "base/clock.h"
#include "config/config.h"
#include "http/router.h"
#include "outlet/assets.h"
#include "outlet/stats_outlet.h"
#include "stream/demand.h"
#include "stream/stream.h"
#include "stream/viewer_registry.h"

namespace livestream {

// Everything that the answers of one server are made from. Everything referred to outlives every
// site.
struct SiteContext {
  const Config& config;
  const Stream& stream;
  Demand& demand;
  const Stream& demo;
  Demand& demo_demand;
  ViewerRegistry& viewers;
  const Clock& clock;
  std::span<const EmbeddedAsset> assets;
  StatsOutlet& stats;
};

// All routes. For one worker, on its thread.
[[nodiscard]] std::unique_ptr<http::Handler> make_site(const SiteContext& context);

}  // namespace livestream
