#pragma once

#include <functional>

namespace livestream {

// What feeds a stream: ffmpeg today. Everything on the ingest thread.
class FragmentProducer {
 public:
  virtual ~FragmentProducer() = default;

  virtual void start() = 0;
  // Ends the feed for good; `done` is called once, from the ingest thread's loop, when nothing of
  // it is left running. Destroy the producer after that.
  virtual void stop(std::function<void()> done) = 0;
};

}  // namespace livestream
