#pragma once

#include "base/clock.h"
#include "http/response.h"
#include "http/router.h"
#include "stream/batch_cache.h"
#include "stream/viewer_registry.h"

namespace livestream {

// GET /stream: the init segment, the current GOP, then live, as one fragmented MP4 without end.
// `audio=0` leaves the sound out; `after=<epoch>.<sequence>` goes on behind that fragment. A stream
// that is not ready yet is waited for, then 503. One per worker, on its thread; stream, viewers and
// clock are shared and outlive it.
class StreamOutlet {
 public:
  static constexpr std::chrono::seconds kReadyTimeout{10};

  StreamOutlet(const Stream& stream, ViewerRegistry& viewers, const Clock& clock)
      : stream_(stream), viewers_(viewers), clock_(clock), batches_(stream) {}

  [[nodiscard]] http::Answer get(const http::Request& request);

 private:
  class Body;
  class Waiting;
  [[nodiscard]] http::Answer serve(const http::Request& request);

  const Stream& stream_;
  ViewerRegistry& viewers_;
  const Clock& clock_;
  BatchCache batches_;
};

}  // namespace livestream
