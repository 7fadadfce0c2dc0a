#pragma once

#include <memory>
#include <utility>

#include "base/clock.h"
#include "http/response.h"
#include "stream/batch_cache.h"
#include "stream/demand.h"
#include "stream/viewer_registry.h"

namespace livestream {

// GET /NAME/stream: the init segment, the current GOP, then live, as one fragmented MP4 that
// does not end. `audio=0` leaves the sound out; `after=EPOCH.SEQUENCE` continues behind that
// fragment. 503 when there is no place for the viewer, or when the stream is not ready within
// kReadyTimeout; 404 when nothing of the stream is left without its sound.
//
// One per stream and worker, on the worker's thread. The registry of viewers and the clock outlive
// it and its answers, which keep the stream.
class StreamOutlet : public std::enable_shared_from_this<StreamOutlet> {
 public:
  static constexpr std::chrono::seconds kReadyTimeout{10};

  StreamOutlet(std::shared_ptr<const Stream> stream, std::shared_ptr<Demand> demand,
               ViewerRegistry& viewers, const Clock& clock)
      : stream_(std::move(stream)), demand_(std::move(demand)), viewers_(viewers), clock_(clock) {}

  [[nodiscard]] http::Answer get(const http::Request& request);

 private:
  class Body;
  class Waiting;
  [[nodiscard]] http::Answer serve(const http::Request& request);
  [[nodiscard]] std::shared_ptr<BatchCache> batches();

  const std::shared_ptr<const Stream> stream_;
  const std::shared_ptr<Demand> demand_;
  ViewerRegistry& viewers_;
  const Clock& clock_;
  // Its batches outlast what the log keeps, so the cache lives only as long as it has readers.
  std::weak_ptr<BatchCache> batches_;
};

}  // namespace livestream
