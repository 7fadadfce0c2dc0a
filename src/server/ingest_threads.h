#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"

namespace livestream {

// The threads that feed the streams: each stream has one of its own, so that a disk or a network
// drive that hangs holds up no other. The thread of a stream that is gone serves the next new one.
// Main thread.
class IngestThreads {
 public:
  // The clock outlives them.
  explicit IngestThreads(const Clock& clock) : clock_(clock) {}

  struct Release {
    void operator()(boost::asio::io_context*) const { *is_taken = false; }
    std::atomic<bool>* is_taken = nullptr;
  };
  // A loop until the end of its stream; it goes on until the end of the threads. May be destroyed
  // on any thread.
  using Loop = std::unique_ptr<boost::asio::io_context, Release>;

  // The loop of one more stream.
  [[nodiscard]] Loop take();

  // From now on loops run.
  void start();
  // Ends each thread when nothing is left to do on it, and waits for that.
  void join();
  // Whether most streams' loops ran within this time before the last call; asks all of them again.
  // The others must not end with a single one that hangs.
  [[nodiscard]] bool alive(SteadyTime::duration within);

 private:
  struct Ingest {
    std::atomic<bool> is_taken = false;
    boost::asio::io_context loop{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keeps =
        boost::asio::make_work_guard(loop);
    // When the loop last answered.
    std::atomic<SteadyTime::rep> seen{0};
    std::thread thread;
  };
  void start(Ingest& ingest);

  const Clock& clock_;
  bool started_ = false;
  std::vector<std::unique_ptr<Ingest>> all_;
};

}  // namespace livestream
