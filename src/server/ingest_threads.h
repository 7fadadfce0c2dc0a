#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"

namespace livestream {

// The threads that feed the streams. A stream lives on one of them. Main thread.
class IngestThreads {
 public:
  // `count`: at least 1. The clock outlives them.
  IngestThreads(std::size_t count, const Clock& clock);

  // The loop with the fewest streams, for one more.
  [[nodiscard]] boost::asio::io_context& take();
  // A stream of this loop is gone.
  void give_back(const boost::asio::io_context& loop);

  void start();
  // Ends each thread when nothing is left to do on it, and waits for that.
  void join();
  // Whether all loops ran within this time before the last call; asks them again.
  [[nodiscard]] bool alive(SteadyTime::duration within);

 private:
  struct Ingest {
    boost::asio::io_context loop{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keeps =
        boost::asio::make_work_guard(loop);
    std::size_t streams = 0;
    // When the loop last answered.
    std::atomic<SteadyTime::rep> seen{0};
    std::thread thread;
  };

  const Clock& clock_;
  std::vector<std::unique_ptr<Ingest>> all_;
};

}  // namespace livestream
