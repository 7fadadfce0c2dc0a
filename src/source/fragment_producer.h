#pragma once

#include <functional>

namespace livestream {

// What feeds a stream: ffmpeg today. Everything on the ingest thread.
class FragmentProducer {
 public:
  virtual ~FragmentProducer() = default;

  // Feeds the stream from now on; also again after a stop, on the same timeline.
  virtual void start() = 0;
  // Ends the feed; `done` is called once, from the ingest thread's loop, when nothing of it is left
  // running. Only then start again, or destroy the producer.
  virtual void stop(std::function<void()> done) = 0;
};

}  // namespace livestream
