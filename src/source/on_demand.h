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

// Lets a producer rest while nobody wants its stream: starts it for the first who does, stops it
// when nobody has wanted it for a while, and empties the stream then, so that the next one is not
// shown a picture of long ago. The stream's time goes on meanwhile. Ingest thread.
class OnDemand final : public FragmentProducer {
 public:
  // Borrows everything that comes by reference. `linger`: how long the producer goes on for nobody.
  OnDemand(boost::asio::io_context& ingest, std::unique_ptr<FragmentProducer> producer,
           Stream& stream, const Demand& demand, std::chrono::milliseconds linger, Log log);

  // From now on the producer may be woken.
  void start() override;
  void stop(std::function<void()> done) override;
  // To be called when the demand has risen from nothing.
  void wake();

 private:
  enum class State { kOff, kResting, kRunning, kEnding };

  void schedule_look();
  void look();
  void rest();
  void rested();

  boost::asio::io_context& loop_;
  const std::unique_ptr<FragmentProducer> producer_;
  Stream& stream_;
  const Demand& demand_;
  const std::chrono::milliseconds linger_;
  const Log log_;

  State state_ = State::kOff;
  std::function<void()> stopped_;  // set once it is to stop
  boost::asio::steady_timer look_timer_;
  int looks_in_vain_ = 0;  // in a row
};

}  // namespace livestream
