#pragma once

#include <memory>

#include "base/clock.h"
#include "http/response.h"
#include "stream/batch_cache.h"
#include "stream/demand.h"
#include "stream/viewer_registry.h"

namespace livestream {

// GET /stream and /demo: the init segment, the current GOP, then live, as one fragmented MP4 that
// does not end. `audio=0` leaves the sound out; `after=EPOCH.SEQUENCE` continues behind that
// fragment. 503 when there is no place for the viewer, or when the stream is not ready within
// kReadyTimeout; 404 when nothing of the stream is left without its sound.
//
// One per stream and worker, on the worker's thread. Everything it is given outlives it and the
// bodies of its answers.
class StreamOutlet {
 public:
  static constexpr std::chrono::seconds kReadyTimeout{10};

  // `demand`: of a stream whose producer stops when there are no viewers; else null.
  StreamOutlet(const Stream& stream, ViewerRegistry& viewers, const Clock& clock,
               Demand* demand = nullptr)
      : stream_(stream), viewers_(viewers), clock_(clock), demand_(demand) {}

  [[nodiscard]] http::Answer get(const http::Request& request);

 private:
  class Body;
  class Waiting;
  [[nodiscard]] http::Answer serve(const http::Request& request);
  [[nodiscard]] Demand::Claim claim() { return demand_ ? demand_->claim() : Demand::Claim(); }
  [[nodiscard]] std::shared_ptr<BatchCache> batches();

  const Stream& stream_;
  ViewerRegistry& viewers_;
  const Clock& clock_;
  Demand* const demand_;
  // Its batches outlast what the log keeps, so the cache lives only as long as it has readers.
  std::weak_ptr<BatchCache> batches_;
};

}  // namespace livestream
