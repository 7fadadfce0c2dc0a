#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "source/fragment_producer.h"
#include "stream/demand.h"
#include "stream/stream.h"

namespace livestream {

// Runs a producer only while its stream has viewers: starts it for the first one, stops it a while
// after the last one has left, and then empties the stream, so that the next viewer does not take
// an old picture for a new one. The stream's time goes on while the producer is stopped. Ingest
// thread.
class OnDemand final : public FragmentProducer {
 public:
  // Borrows everything that comes by reference. `linger`: how long the
  // producer goes on without viewers.
  OnDemand(boost::asio::io_context& ingest, std::unique_ptr<FragmentProducer> producer,
           Stream& stream, const Demand& demand, std::chrono::milliseconds linger, Log log);

  // Allows wake() to start the producer, and starts it when the stream has viewers already.
  void start() override;
  void stop(std::function<void()> done) override;
  // Call it when the first viewer has come.
  void wake();

 private:
  enum class State { kOff, kStopped, kRunning, kEnding };

  void schedule_check();
  void check();
  void stop_unwatched();
  void on_stopped();

  boost::asio::io_context& loop_;
  const std::unique_ptr<FragmentProducer> producer_;
  Stream& stream_;
  const Demand& demand_;
  const std::chrono::milliseconds linger_;
  const std::chrono::milliseconds check_period_;
  const Log log_;

  State state_ = State::kOff;
  // Set by stop() while the producer is still ending.
  std::function<void()> stopped_;
  boost::asio::steady_timer check_timer_;
  int idle_checks_ = 0;  // in a row
};

}  // namespace livestream
