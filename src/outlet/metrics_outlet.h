#pragma once

#include <string>

#include "base/clock.h"
#include "http/response.h"
#include "outlet/kept_text.h"
#include "outlet/stats_outlet.h"
#include "stream/stream_registry.h"
#include "stream/viewer_registry.h"

namespace livestream {

// GET /metrics: the state of the server and of each listed stream in the text form of Prometheus
// (exposition format 0.0.4); docs/operations.md explains the names. Made from what the streams and
// the viewers count anyway, so that delivery does no more work. Holds no address and no text of a
// client or a source. One for all workers, so that no counter goes back. Any thread.
class MetricsOutlet {
 public:
  static constexpr auto kKept = KeptTexts<int>::kKept;

  // Everything referred to outlives the outlet.
  struct Context {
    const StreamRegistry& streams;
    const ViewerRegistry& viewers;
    const Clock& clock;
    StatsOutlet::Workers workers;
  };
  // The process counts as started now.
  explicit MetricsOutlet(Context context);

  [[nodiscard]] http::Response get();

 private:
  [[nodiscard]] std::string text() const;

  const Context context_;
  const WallTime started_;
  KeptTexts<int> texts_;
};

}  // namespace livestream
