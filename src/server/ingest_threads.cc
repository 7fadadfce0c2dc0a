#include "server/ingest_threads.h"

#include <algorithm>

#include <boost/asio/post.hpp>

namespace livestream {

IngestThreads::IngestThreads(std::size_t count, const Clock& clock) : clock_(clock) {
  for (std::size_t i = 0; i < count; ++i) all_.push_back(std::make_unique<Ingest>());
}

boost::asio::io_context& IngestThreads::take() {
  Ingest& least = **std::min_element(all_.begin(), all_.end(), [](const auto& a, const auto& b) {
    return a->streams < b->streams;
  });
  ++least.streams;
  return least.loop;
}

void IngestThreads::give_back(const boost::asio::io_context& loop) {
  for (const auto& each : all_) {
    if (&each->loop == &loop) --each->streams;
  }
}

void IngestThreads::start() {
  for (const auto& each : all_) {
    each->seen = clock_.now().time_since_epoch().count();
    each->thread = std::thread([&loop = each->loop] { loop.run(); });
  }
}

void IngestThreads::join() {
  for (const auto& each : all_) each->keeps.reset();
  for (const auto& each : all_) {
    if (each->thread.joinable()) each->thread.join();
  }
}

bool IngestThreads::alive(SteadyTime::duration within) {
  const SteadyTime now = clock_.now();
  bool alive = true;
  for (const auto& each : all_) {
    alive = alive && now - SteadyTime(SteadyTime::duration(each->seen.load())) < within;
    boost::asio::post(
        each->loop, [this, &seen = each->seen] { seen = clock_.now().time_since_epoch().count(); });
  }
  return alive;
}

}  // namespace livestream
