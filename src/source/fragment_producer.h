#pragma once

#include <functional>
#include <utility>

namespace livestream {

// A source of fragments for one stream. All calls on the ingest thread.
class FragmentProducer {
 public:
  virtual ~FragmentProducer() = default;

  // Feeds the stream from now on; also again after a stop, on the same timeline.
  virtual void start() = 0;
  // Ends the feed; `done` is called once, from the loop of the ingest thread, when all of it has
  // stopped. Only then start again, or destroy the producer.
  virtual void stop(std::function<void()> done) = 0;
  // Stops until the next viewer comes, and may keep what that one sees first.
  virtual void rest(std::function<void()> done) { stop(std::move(done)); }
};

}  // namespace livestream
