#pragma once

#include "base/clock.h"
#include "http/response.h"
#include "http/router.h"
#include "stream/batch_cache.h"
#include "stream/demand.h"
#include "stream/viewer_registry.h"

namespace livestream {

// GET /stream and /demo: the init segment, the current GOP, then live, as one fragmented MP4
// without end. `audio=0` leaves the sound out; `after=<epoch>.<sequence>` goes on behind that
// fragment. A stream that is not ready yet is waited for, then 503. One per stream and worker, on
// its thread; what it refers to is shared and outlives it.
class StreamOutlet {
 public:
  static constexpr std::chrono::seconds kReadyTimeout{10};

  // `demand`: of a stream whose producer rests while nobody wants it, else null.
  StreamOutlet(const Stream& stream, ViewerRegistry& viewers, const Clock& clock,
               Demand* demand = nullptr)
      : stream_(stream), viewers_(viewers), clock_(clock), demand_(demand), batches_(stream) {}

  [[nodiscard]] http::Answer get(const http::Request& request);

 private:
  class Body;
  class Waiting;
  [[nodiscard]] http::Answer serve(const http::Request& request);
  [[nodiscard]] Demand::Claim claim() { return demand_ ? demand_->claim() : Demand::Claim(); }

  const Stream& stream_;
  ViewerRegistry& viewers_;
  const Clock& clock_;
  Demand* const demand_;
  BatchCache batches_;
};

}  // namespace livestream
